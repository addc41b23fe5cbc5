//! The command line programs that are known by name: one table of what is started, what it needs, how its answer is read.
//!
//! The flags are those of the programs' own documentation: `claude --help` and code.claude.com/docs/en/cli-reference;
//! `codex exec --help` and the page "Non-interactive mode" of Codex; geminicli.com/docs/cli/headless;
//! docs.github.com/en/copilot/how-tos/copilot-cli; `opencode run --help`; aider.chat/docs/scripting.html.

use super::answer::Reading;

/// A program that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What starts it without anybody at the keyboard. `{prompt}` stands for the file with the task, `{exchange}` for
    /// its folder, `{steps}` for the answers that its model may give.
    pub program: &'static [&'static str],
    /// The flag before a model's name.
    pub model: &'static str,
    /// Whether the task is its standard input; otherwise it is in the file that an argument names.
    pub by_stdin: bool,
    /// Where its keys may be: the name of the variable here, and the one that the program reads.
    pub keys: &'static [(&'static str, &'static str)],
    /// Whether it gets every key that is here, because it talks to many vendors; otherwise only the first.
    pub takes_all_keys: bool,
    /// Variables that are set to these values.
    pub settings: &'static [(&'static str, &'static str)],
    /// How its answer is read.
    pub reading: Reading,
    /// How the names of files begin that it leaves in the work folder for itself.
    pub litter: Option<&'static str>,
    /// What to do when it is not there.
    pub install: &'static str,
}

/// All of them.
pub const PRESETS: [Preset; 6] = [
    Preset {
        name: "claude-code",
        // `acceptEdits` and a list of tools, because skipping all permissions is refused to root, which containers run as.
        program: &[
            "claude",
            "-p",
            "--output-format",
            "json",
            "--max-turns",
            "{steps}",
            "--permission-mode",
            "acceptEdits",
            "--allowedTools",
            "Bash,Edit,Glob,Grep,MultiEdit,Read,Write",
        ],
        model: "--model",
        by_stdin: true,
        keys: &[
            ("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
            ("CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
        ],
        takes_all_keys: false,
        settings: &[("DISABLE_AUTOUPDATER", "1"), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")],
        reading: Reading::ClaudeCode,
        litter: None,
        install: "Install it in a step before: `npm install -g @anthropic-ai/claude-code`.",
    },
    Preset {
        name: "codex",
        program: &["codex", "exec", "--json", "--skip-git-repo-check", "--sandbox", "workspace-write", "-"],
        model: "--model",
        by_stdin: true,
        keys: &[("CODEX_API_KEY", "CODEX_API_KEY"), ("OPENAI_API_KEY", "CODEX_API_KEY")],
        takes_all_keys: false,
        settings: &[],
        reading: Reading::Codex,
        litter: None,
        install: "Install it in a step before: `npm install -g @openai/codex`.",
    },
    Preset {
        name: "gemini",
        program: &["gemini", "--output-format", "json", "--approval-mode", "yolo"],
        model: "--model",
        by_stdin: true,
        keys: &[("GEMINI_API_KEY", "GEMINI_API_KEY"), ("GOOGLE_API_KEY", "GOOGLE_API_KEY")],
        takes_all_keys: false,
        settings: &[],
        reading: Reading::Gemini,
        litter: None,
        install: "Install it in a step before: `npm install -g @google/gemini-cli`.",
    },
    Preset {
        name: "copilot",
        program: &[
            "copilot",
            "-p",
            "Do what the file {prompt} says, in the current folder.",
            "--add-dir",
            "{exchange}",
            "--allow-all-tools",
            "--no-ask-user",
            "--no-color",
        ],
        model: "--model",
        by_stdin: false,
        // The one program that may get the workflow's own token, and only where no other key is there: GitHub bills by
        // it when the job has `copilot-requests: write`. What else that token may do, the job's `permissions` say: give
        // the job that runs it no more than it needs, or make a token with nothing but "Copilot Requests".
        keys: &[("COPILOT_GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN"), ("GITHUB_TOKEN", "GITHUB_TOKEN")],
        takes_all_keys: false,
        settings: &[("COPILOT_AUTO_UPDATE", "false")],
        reading: Reading::Text,
        litter: None,
        install: "Install it in a step before: `npm install -g @github/copilot`.",
    },
    Preset {
        name: "opencode",
        program: &["opencode", "run", "--format", "json"],
        model: "--model",
        by_stdin: true,
        keys: &[
            ("OPENCODE_API_KEY", "OPENCODE_API_KEY"),
            ("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
            ("OPENAI_API_KEY", "OPENAI_API_KEY"),
            ("GEMINI_API_KEY", "GEMINI_API_KEY"),
            ("OPENROUTER_API_KEY", "OPENROUTER_API_KEY"),
        ],
        takes_all_keys: true,
        settings: &[("OPENCODE_DISABLE_AUTOUPDATE", "1")],
        reading: Reading::OpenCode,
        litter: None,
        install: "Install it in a step before: `npm install -g opencode-ai`.",
    },
    Preset {
        name: "aider",
        program: &[
            "aider",
            "--message-file",
            "{prompt}",
            "--yes-always",
            "--no-auto-commits",
            "--no-dirty-commits",
            "--no-gitignore",
            "--no-pretty",
            "--no-stream",
            "--no-check-update",
            "--no-show-model-warnings",
            "--analytics-disable",
        ],
        model: "--model",
        by_stdin: false,
        keys: &[
            ("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
            ("OPENAI_API_KEY", "OPENAI_API_KEY"),
            ("GEMINI_API_KEY", "GEMINI_API_KEY"),
            ("OPENROUTER_API_KEY", "OPENROUTER_API_KEY"),
        ],
        takes_all_keys: true,
        settings: &[],
        reading: Reading::Aider,
        litter: Some(".aider"),
        install: "Install it in a step before: `uv tool install aider-chat`.",
    },
];

/// The one of this name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
