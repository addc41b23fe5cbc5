//! What is started for an assistant that is a program, put together from the configuration: plain data.

use super::answer::Reading;
use super::presets::Preset;

/// What is started, and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What the assistant is called.
    pub name: String,
    /// The program and its arguments, with `{prompt}`, `{exchange}` and `{steps}` in them.
    pub program: Vec<String>,
    /// Whether the task is its standard input; otherwise it is in a file.
    pub by_stdin: bool,
    /// Which keys it gets.
    pub keys: Keys,
    /// Variables that are set to these values.
    pub settings: Vec<(String, String)>,
    /// Whether it may use the network.
    pub network: bool,
    /// How its answer is read.
    pub reading: Reading,
    /// How the names of files begin that it leaves in the work folder for itself.
    pub litter: Option<&'static str>,
    /// What to do when it is not there.
    pub install: String,
}

/// Variables that hold keys: their names here, and the names by which the program knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The first that is set; without one it is not started.
    First(Vec<(String, String)>),
    /// All that are set; without any it is not started.
    All(Vec<(String, String)>),
    /// All of these, and nothing is missed when one is not set.
    Wanted(Vec<(String, String)>),
}

impl Keys {
    pub(super) fn list(&self) -> &[(String, String)] {
        match self {
            Self::First(keys) | Self::All(keys) | Self::Wanted(keys) => keys,
        }
    }
}

impl Recipe {
    /// For a program that is known by name, with a model and the variable of its key where they are said.
    #[must_use]
    pub fn of(preset: &Preset, name: &str, model: Option<&str>, key: Option<&str>) -> Self {
        let mut program: Vec<String> = preset.program.iter().map(|&word| word.to_owned()).collect();
        if let Some(model) = model {
            // Before a last `-`, which stands for the standard input.
            let at = program.len() - usize::from(program.last().is_some_and(|word| word == "-"));
            program.splice(at..at, [preset.model.to_owned(), model.to_owned()]);
        }
        let known = preset.keys.iter().map(|&(here, there)| (here.to_owned(), there.to_owned()));
        let keys = match key {
            // By the name that it has here where that is one the program knows.
            Some(key) => {
                let known_as = preset.keys.iter().find(|(here, _)| *here == key).or(preset.keys.first());
                let there = known_as.map_or(key, |(_, there)| there);
                Keys::First(vec![(key.to_owned(), there.to_owned())])
            }
            None if preset.takes_all_keys => Keys::All(known.collect()),
            None => Keys::First(known.collect()),
        };
        let settings =
            preset.settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self {
            name: name.to_owned(),
            program,
            by_stdin: preset.by_stdin,
            keys,
            settings,
            network: true,
            reading: preset.reading,
            litter: preset.litter,
            install: preset.install.to_owned(),
        }
    }

    /// For any other program.
    #[must_use]
    pub fn any(name: &str, program: Vec<String>, by_stdin: bool, variables: &[&str], network: bool) -> Self {
        let same = |name: &&str| ((*name).to_owned(), (*name).to_owned());
        Self {
            name: name.to_owned(),
            program,
            by_stdin,
            keys: Keys::Wanted(variables.iter().map(same).collect()),
            settings: Vec::new(),
            network,
            reading: Reading::Text,
            litter: None,
            install: "Install it in a step before, or mend `run` in .github/automata.yml.".to_owned(),
        }
    }

    /// Names of the environment variables that it may get.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.keys.list().iter().map(|(here, _)| here.as_str())
    }
}
