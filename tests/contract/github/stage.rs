//! A forge with people around it: the same moves on the simulated GitHub and on the local forge.

use std::sync::Arc;
use std::time::Duration;

use automata::domain::actor::{Actor, ActorKind, Permission};
use automata::domain::id::{IssueNumber, Login, RepositoryName};
use automata::domain::trigger::OpenState;
use automata::services::credential::Credential;
use automata::services::github::GitHub;
use automata::services::github::local::{Forge, NewIssue};
use automata::services::github::octocrab::{Api, Setup};
use automata::services::secrets::Secret;

use crate::world::github::clock::VirtualClock;
use crate::world::github::{GitHubWorld, TOKEN};

/// Long for loopback, short for a test that waits it out on purpose.
const TIME_OUT: Duration = Duration::from_millis(300);

pub(crate) fn client() -> reqwest::Client {
    // Another test may have been first; either way one is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

pub(crate) fn impatient_client() -> reqwest::Client {
    client();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(TIME_OUT).build().unwrap()
}

pub(crate) fn acme_widgets() -> RepositoryName {
    RepositoryName::parse("acme/widgets").unwrap()
}

/// The octocrab adapter over a simulated GitHub.
pub(crate) fn api_over(world: &GitHubWorld, client: reqwest::Client, token: &str) -> Api {
    api_with(world, client, Credential::given(Secret::new(token)).unwrap())
}

pub(crate) fn api_with(world: &GitHubWorld, client: reqwest::Client, credential: Credential) -> Api {
    let credential = Arc::new(credential);
    let setup = Setup { repository: acme_widgets(), api_url: world.api_url().to_owned(), credential };
    Api::new(&setup, client, world.clock()).unwrap()
}

pub(crate) enum Stage {
    Simulated { api: Box<Api>, world: GitHubWorld },
    Local { forge: Forge, clock: Arc<VirtualClock>, _folder: tempfile::TempDir },
}

impl Stage {
    pub(crate) async fn simulated() -> Self {
        let world = GitHubWorld::start().await;
        let api = Box::new(api_over(&world, client(), TOKEN));
        Self::Simulated { api, world }
    }

    pub(crate) fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(VirtualClock::default());
        let myself = Actor { kind: ActorKind::App, login: Login::new("github-actions[bot]") };
        let forge =
            Forge::open(folder.path(), &acme_widgets(), "main", myself, Arc::clone(&clock) as _).unwrap();
        Self::Local { forge, clock, _folder: folder }
    }

    pub(crate) fn github(&self) -> &dyn GitHub {
        match self {
            Self::Simulated { api, .. } => &**api,
            Self::Local { forge, .. } => forge,
        }
    }

    pub(crate) fn opens(&self, author: &str, title: &str, body: &str, labels: &[&str]) -> IssueNumber {
        match self {
            Self::Simulated { world, .. } => IssueNumber(world.open_issue(author, title, body, labels)),
            Self::Local { forge, .. } => {
                let new = NewIssue {
                    key: title.to_owned(),
                    author: author.into(),
                    title: title.to_owned(),
                    body: body.to_owned(),
                    labels: labels.iter().map(|label| (*label).to_owned()).collect(),
                };
                forge.open_issue(&new).unwrap().number
            }
        }
    }

    pub(crate) fn comments(&self, author: &str, issue: IssueNumber, text: &str) -> u64 {
        match self {
            Self::Simulated { world, .. } => world.comment(author, issue.0, text),
            Self::Local { forge, .. } => forge.comment_as(&author.into(), issue, text, text).unwrap().id,
        }
    }

    pub(crate) fn permits(&self, login: &str, permission: Permission) {
        match self {
            Self::Simulated { world, .. } => world.set_permission(login, permission),
            Self::Local { forge, .. } => forge.set_permission(&login.into(), permission).unwrap(),
        }
    }

    pub(crate) fn closes(&self, issue: IssueNumber) {
        match self {
            Self::Simulated { world, .. } => world.close(issue.0),
            Self::Local { forge, .. } => {
                forge.set_state(issue, OpenState::Closed).unwrap();
            }
        }
    }

    pub(crate) fn merges(&self, pull: IssueNumber) {
        match self {
            Self::Simulated { world, .. } => world.merge(pull.0),
            Self::Local { forge, .. } => {
                forge.merge(pull).unwrap();
            }
        }
    }

    /// The organisation has these issue types, and the repository these milestones. A local forge has any.
    pub(crate) fn has(&self, types: &[&str], milestones: &[&str]) {
        if let Self::Simulated { world, .. } = self {
            world.set_issue_types(types);
            milestones.iter().for_each(|title| world.make_milestone(title));
        }
    }

    /// Somebody reviews a pull request.
    pub(crate) fn reviews(&self, who: &str, pull: IssueNumber, verdict: &str, text: &str) {
        match self {
            Self::Simulated { world, .. } => drop(world.review(pull.0, who, verdict, text)),
            Self::Local { forge, .. } => {
                forge.review_as(&who.into(), pull, verdict, text, text).unwrap();
            }
        }
    }

    /// Somebody begins a thread at a line; its id.
    pub(crate) fn comments_on_line(&self, who: &str, pull: IssueNumber, at: (&str, u64), text: &str) -> u64 {
        match self {
            Self::Simulated { world, .. } => {
                world.comment_on_line(pull.0, who, at, text)["comment"]["id"].as_u64().unwrap()
            }
            Self::Local { forge, .. } => {
                forge.comment_on_line_as(&who.into(), pull, at, text, text).unwrap().id
            }
        }
    }

    pub(crate) fn lets_pass(&self, span: Duration) {
        match self {
            Self::Simulated { world, .. } => world.clock().advance(span),
            Self::Local { clock, .. } => clock.advance(span),
        }
    }
}
