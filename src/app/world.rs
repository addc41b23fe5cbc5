//! Puts the adapters together: the only place that knows which adapter stands behind which port.

use std::sync::Arc;

use super::Environment;
use super::assistants::{self, Workshop};
use super::drive;
use super::failure::Ended;
use super::found::Found;
use super::logs;
use super::outlets;
use super::own_secrets::OwnSecrets;
use super::progress::Bar;
use super::spans;
use super::stop::Stop;
use super::successor::Workflow;
use super::unusable::Unusable;
use crate::cli::{Forge, Global};
use crate::config::{self, Config, DriveRules, Sandbox};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::encryption::{Extent, Recipient};
use crate::domain::id::{Login, RepositoryName, RunId};
use crate::log::EventLog;
use crate::queue::Shard;
use crate::services::clock::{Clock, SystemClock};
use crate::services::credential::to_give_back;
use crate::services::entropy::Entropy;
use crate::services::git::code::GitCode;
use crate::services::git::http_remote::HttpRemote;
use crate::services::git::local_remote::LocalRemote;
use crate::services::git::remote::Remote;
use crate::services::github::octocrab::{Api, Setup, graphql_url};
use crate::services::github::{GitHub, local};
use crate::services::http;
use crate::services::process::Fence;
use crate::services::seal::age::Identity;
use crate::services::seal::keyring::AtWork;
use crate::services::state::GitLog;
use crate::services::uses::{Noting, Uses};
use crate::tasks::{Files, Outlets, Services, exec};

mod beside;
mod credential;
mod history;
mod outside;
mod reached;

use outside::{api_url, no_temporary};
pub(super) use outside::{client, http_settings, programs};

/// The name of the account behind the workflow's own token.
const ACTIONS_BOT: &str = "github-actions[bot]";
/// The account that we write as on a local forge.
const LOCAL_LOGIN: &str = "automata[bot]";
/// The bare repository in a local forge's folder.
pub(super) const LOCAL_REPOSITORY: &str = "repository.git";
/// The forge's files in a local forge's folder.
pub(super) const LOCAL_FORGE: &str = "forge";

/// Everything that a run works with.
pub struct World {
    /// The repository.
    pub repository: RepositoryName,
    /// GitHub's id of it, where it is known.
    pub repository_id: Option<u64>,
    /// This run.
    pub run: RunId,
    /// The workflow that this is a run of, where it can be started again.
    pub workflow: Option<Workflow>,
    /// Accounts that we write as.
    pub ourselves: Vec<Login>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<Entropy>,
    /// The ports that tasks use.
    pub services: Services,
    /// The configuration; the defaults until it was read.
    pub config: Config,
    /// Whether events are only recorded, and nothing is begun.
    pub paused: bool,
    /// The part of the queue to work on; none: all of it.
    pub shard: Option<Shard>,
    /// What is wrong with the configuration file; while there is something, the defaults stand in.
    pub problems: Vec<String>,
    /// Why the log cannot lie where the configuration wants it: then nothing can be recorded at all.
    misplaced: Option<String>,
    /// Told when the run is to come to its end.
    pub stop: Stop,
    /// Who is told what took how long; none where no collector is named.
    pub traces: Option<Arc<dyn crate::services::traces::Traces>>,
    /// Notes that they are signed in to.
    pub(super) traces_noting: Noting,
    /// Who watches how far the work has come; nobody, but for a person at the command line.
    pub(super) bar: Option<Arc<Bar>>,
    /// What was used of credentials.
    pub uses: Uses,
    /// What we hold ourselves, and no program is handed.
    own: OwnSecrets,
    /// Behind it all programs are started.
    pub(super) fence: Fence,
    /// What assistants are made with.
    workshop: Workshop,
    remote: Arc<dyn Remote>,
    git: Arc<GitCode>,
    /// Secret keys that open the log.
    identities: Vec<Identity>,
    /// How much of the log is sealed, and for whom, once a sound configuration was read or there was none.
    encryption: Option<(Extent, Vec<Recipient>)>,
    /// With what the log is sealed that was read last.
    at_work: Arc<AtWork>,
    /// The log to use instead of the one on the remote.
    log: Option<Arc<dyn EventLog>>,
    /// The log that was fetched while the configuration was read, and the name of its branch.
    ahead: Option<(String, Arc<GitLog>)>,
}

/// What differs from forge to forge.
struct Place {
    repository: RepositoryName,
    run: RunId,
    ourselves: Vec<Login>,
    remote: Arc<dyn Remote>,
    /// The default branch, where it need not be asked for.
    branch: Option<String>,
    github: Arc<dyn GitHub>,
}

impl World {
    /// Puts the adapters together for the forge that the command line names. Nothing is asked of anybody yet.
    ///
    /// # Errors
    /// When settings are missing or wrong.
    pub fn open(global: &Global, environment: &Environment) -> Result<Self, Ended> {
        let mut world = Self::on_forge(global, environment)?;
        logs::is_run(&world.run);
        world.identities = super::encryption::identities(environment)?;
        let mut workshop = Workshop::of(environment, http_settings(environment)?);
        if global.forge == Forge::Github {
            let url = graphql_url(&api_url(environment)).map_err(Ended::setting)?;
            workshop.github = Some((world.repository.clone(), url));
        }
        Ok(world.with_assistants(workshop))
    }

    fn on_forge(global: &Global, environment: &Environment) -> Result<Self, Ended> {
        match (global.forge, &global.directory) {
            (Forge::Local, Some(directory)) => {
                // Absolute, because the forge's addresses must lead there from anywhere.
                let directory = std::path::absolute(directory).map_err(|error| {
                    Ended::usage(error.to_string(), "Name another folder with --directory DIR.")
                })?;
                let mut world = Self::local(&directory, Arc::new(SystemClock), Arc::new(Entropy::System))?;
                world.services.programs = programs(environment, &world.clock);
                world.own = OwnSecrets::of(environment);
                (world.traces, world.traces_noting) = spans::collector(environment, &world.uses);
                Ok(world)
            }
            (Forge::Local, None) => {
                Err(Ended::usage("the local forge needs a folder", "Name it with --directory DIR."))
            }
            (Forge::Github, Some(_)) => Err(Ended::usage(
                "--directory names the folder of a local forge, and the forge is GitHub",
                "Add `--forge local`, or leave --directory out.",
            )),
            (Forge::Github, None) => {
                Self::github(environment, Arc::new(SystemClock), Arc::new(Entropy::System))
            }
        }
    }

    /// A local forge's folder.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn local(
        directory: &std::path::Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
    ) -> Result<Self, Ended> {
        let remote = LocalRemote::open(&directory.join(LOCAL_REPOSITORY), Arc::clone(&clock))
            .map_err(|error| Ended::setting(error.into()))?;
        let remote: Arc<dyn Remote> = Arc::new(remote);
        let forge = local_forge(directory, Arc::clone(&clock))?;
        let run = local_run(&entropy);
        let ourselves = vec![Login::new(LOCAL_LOGIN)];
        let branch = forge.default_branch().to_owned();
        let place = Place {
            repository: forge.name().clone(),
            run,
            ourselves,
            remote,
            branch: Some(branch),
            github: Arc::new(forge),
        };
        Self::assemble(place, clock, entropy)
    }

    /// GitHub, with what the environment says.
    ///
    /// # Errors
    /// When a setting is missing or wrong; the hint names it.
    pub fn github(
        environment: &Environment,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
    ) -> Result<Self, Ended> {
        let missing = |name: &str| {
            Ended::usage(
                format!("{name} is not set"),
                "GitHub Actions sets it; outside of a workflow set it yourself or use --forge local.",
            )
        };
        let name = environment.repository.as_deref().ok_or_else(|| missing("GITHUB_REPOSITORY"))?;
        let repository = RepositoryName::parse(name)
            .map_err(|error| Ended::usage(error.to_string(), "Look at GITHUB_REPOSITORY."))?;
        let server_url = environment.server_url.clone().unwrap_or_else(|| "https://github.com".to_owned());
        if !http::is_address(&server_url) {
            return Err(Ended::usage(
                format!("`{server_url}` is not the address of a GitHub server"),
                "Set GITHUB_SERVER_URL to https://github.com, or to https://HOST for GitHub Enterprise Server.",
            ));
        }
        let (client, uses) = (client(environment)?, Uses::default());
        let credential = Arc::new(credential::of(environment, &repository, &client, &clock, &uses)?);
        to_give_back(&credential);
        let url = format!("{}/{repository}.git", server_url.trim_end_matches('/'));
        let with = Some(Arc::clone(&credential));
        let remote: Arc<dyn Remote> =
            Arc::new(HttpRemote::new(client.clone(), &url, with, Arc::clone(&clock)));
        let setup = Setup { repository: repository.clone(), api_url: api_url(environment), credential };
        let github = Arc::new(Api::new(&setup, client, Arc::clone(&clock)).map_err(Ended::setting)?);
        let run = match (&environment.run_id, &environment.run_attempt) {
            (Some(id), attempt) => RunId::new(format!("{id}.{}", attempt.as_deref().unwrap_or("1"))),
            (None, _) => local_run(&entropy),
        };
        let ourselves = vec![Login::new(ACTIONS_BOT)];
        let page = format!("{}/{repository}", server_url.trim_end_matches('/'));
        let place = Place { repository, run, ourselves, remote, branch: None, github };
        let mut world = Self::assemble(place, clock, entropy)?;
        world.uses = uses;
        world.own = OwnSecrets::of(environment);
        world.services.outlets.page = page;
        world.services.programs = programs(environment, &world.clock);
        (world.traces, world.traces_noting) = spans::collector(environment, &world.uses);
        world.repository_id = environment.repository_id;
        world.paused = environment.paused;
        world.workflow =
            environment.workflow_ref.as_deref().and_then(|text| Workflow::parse(text, &world.repository));
        Ok(world)
    }

    fn assemble(place: Place, clock: Arc<dyn Clock>, entropy: Arc<Entropy>) -> Result<Self, Ended> {
        let Place { repository, run, ourselves, remote, branch, github } = place;
        let code = Arc::new(GitCode::new(Arc::clone(&remote), branch).map_err(|error| no_temporary(&error))?);
        let git = Arc::clone(&code);
        let at_work = Arc::new(AtWork::default());
        let services = Services {
            repository: Some(repository.clone()),
            github,
            code,
            assistants: Vec::new(),
            models: Some(beside::learned(&remote, &at_work)?),
            programs: None,
            handed: exec::Handed::new(),
            drive: None,
            no_drive: None,
            rehearsals: None,
            outlets: Outlets { page: repository.to_string(), ..Outlets::default() },
        };
        let mut world = Self {
            repository,
            repository_id: None,
            run,
            workflow: None,
            ourselves,
            clock,
            entropy,
            services,
            config: Config::default(),
            stop: Stop::default(),
            paused: false,
            shard: None,
            problems: Vec::new(),
            misplaced: None,
            traces: None,
            traces_noting: Noting::default(),
            bar: None,
            uses: Uses::default(),
            own: OwnSecrets::default(),
            fence: Fence::default(),
            workshop: Workshop::default(),
            remote,
            git,
            identities: Vec::new(),
            at_work,
            encryption: None,
            log: None,
            ahead: None,
        };
        world.take(Config::default());
        Ok(world)
    }

    /// Makes assistants with other things than none: before the configuration is read.
    #[must_use]
    pub fn with_assistants(mut self, workshop: Workshop) -> Self {
        self.workshop = Workshop { uses: self.uses.clone(), fence: self.fence.clone(), ..workshop };
        self
    }

    fn take(&mut self, config: Config) {
        self.fence.require(config.sandbox == Sandbox::Required);
        self.services.programs = self.services.programs.take().map(|programs| self.fence.around(programs));
        self.workshop.checks = assistants::checks(&config.checks, self.services.programs.clone());
        self.services.handed = self.workshop.handed(&config.plugins);
        self.services.assistants = self.workshop.assistants(&config.assistants, &self.clock);
        self.config = config;
    }

    /// Connects to Drive, where the configuration speaks of it and there are credentials. Nothing is sent yet.
    async fn connect_drive(&mut self) {
        if self.config.drive == DriveRules::default() {
            return;
        }
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
        let (variables, http) = (&self.workshop.variables, self.workshop.http.clone());
        let (drawn, rules) = ((clock, entropy), &self.config.drive);
        let (files, no_drive) =
            drive::for_tasks(rules, variables, http, drawn, &self.uses, &self.identities).await;
        self.services.drive = files.map(|files| Files { synced: self.synced(), ..files });
        self.services.no_drive = no_drive;
    }

    /// Connects to those who are told what happens, where the configuration names some. Nothing is sent yet.
    fn connect_outlets(&mut self) {
        let page = self.services.outlets.page.clone();
        let (variables, http) = (&self.workshop.variables, &self.workshop.http);
        self.services.outlets = outlets::of(&self.config, &page, variables, http, &self.clock, &self.uses);
    }

    /// Reads the configuration from the default branch, and from nowhere else: what a pull request brings
    /// along does not count.
    ///
    /// # Errors
    /// When it could not be found out whether there is one: acting on the defaults then might do what the
    /// configuration forbids.
    pub async fn configured(mut self) -> Result<Self, Ended> {
        match self.read_config().await? {
            Some(Ok(config)) => {
                let rules = &config.state.encryption;
                let readers = rules.readers().map_err(|(_, error)| Ended::bug(error))?;
                self.encryption = Some((rules.extent(), readers));
                self.at_work.want(rules.extent().is_anything());
                self.take(config);
                self.connect_drive().await;
                self.connect_outlets();
            }
            Some(Err(Unusable { problems, state, misplaced })) => {
                (self.problems, self.config.state, self.misplaced) = (problems, state, misplaced);
            }
            None => self.encryption = Some((Extent::Nothing, Vec::new())),
        }
        Ok(self)
    }

    /// As [`World::configured`], for a run that is about to read the log: fetches it at the same time, from where
    /// it lies unless the configuration says otherwise.
    ///
    /// # Errors
    /// As [`World::configured`]. Trouble with the log shows when it is read.
    pub async fn prepared(mut self) -> Result<Self, Ended> {
        let log = Arc::new(self.working_log()?);
        let [branch, witness, behind, keys] = log.listed();
        if let Ok(head) = self.git.default_ref()
            && let Ok(refs) = self.remote.refs(&[&head, &branch, &witness, &behind, &keys]).await
        {
            self.git.take_listed(&refs);
            self.ahead = Some((self.config.state.branch.clone(), Arc::clone(&log)));
            let (configured, fetched) = futures_util::join!(self.configured(), log.fetch_ahead(&refs));
            if let Err(error) = fetched {
                tracing::debug!(%error, "the log was not fetched ahead");
            }
            return configured;
        }
        self.configured().await
    }

    /// The configuration, or why it cannot be used.
    async fn read_config(&self) -> Result<Option<Result<Config, Unusable>>, Ended> {
        let Found { text, branch, unread } = self.found_config().await?;
        let Some(branch) = branch else { return Ok(None) };
        let text = text.unwrap_or_default();
        let read = match unread {
            Some(problem) => Err(vec![problem]),
            None => config::parse_in(&text, Some(&branch)),
        };
        // What the variables hold is known here only.
        let sound = |config: Config| {
            let problems = self.own.handed(&config, &self.workshop.variables);
            if problems.is_empty() { Ok(config) } else { Err(problems) }
        };
        Ok(Some(match read.and_then(sound) {
            Ok(config) => Ok(config),
            Err(problems) => Err(Unusable::of(problems, &text, &branch, &*self.remote).await?),
        }))
    }

    /// The configuration that runs go by, as it lies on the default branch.
    ///
    /// # Errors
    /// When it could not be found out.
    pub(super) async fn found_config(&self) -> Result<Found, Ended> {
        Found::on_branch(&*self.services.code).await
    }

    /// Keeps the log elsewhere than on the state branch: a rehearsal's in memory, say.
    #[must_use]
    pub fn keeping(mut self, log: Arc<dyn EventLog>) -> Self {
        self.log = Some(log);
        self
    }
}

/// Opens the local forge in a folder, making what is missing.
///
/// # Errors
/// When the folder cannot be used.
pub(super) fn local_forge(directory: &std::path::Path, clock: Arc<dyn Clock>) -> Result<local::Forge, Ended> {
    let name = RepositoryName::parse("acme/widgets").map_err(|error| Ended::usage(error.to_string(), ""))?;
    let myself = Actor { kind: ActorKind::Bot, login: Login::new(LOCAL_LOGIN) };
    Ok(local::Forge::open(&directory.join(LOCAL_FORGE), &name, "main", myself, clock)?)
}

fn local_run(entropy: &Entropy) -> RunId {
    RunId::new(format!("local-{}-{:08x}", std::process::id(), entropy.bits() >> 32))
}
