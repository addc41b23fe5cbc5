//! A whole outside for a story: a simulated GitHub, real git behind real HTTP, and runs of the action's code.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use automata::app::{
    Ended, Environment, Given, Report, Session, Until, Variables, Workshop, World, drain, read, take_in,
};
use automata::domain::actor::Permission;
use automata::domain::command::Command;
use automata::domain::failure::Failure;
use automata::domain::id::{IssueNumber, Sequence, TaskId};
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::task::Status;
use automata::log::Envelope;
use automata::report::sentence;
use automata::report::why::Present;
use automata::services::assistant::Assistant;
use automata::services::clock::Clock as _;
use automata::services::drive::Drive as _;
use automata::services::drive::google::{Api, Credential, Endpoints, Setup};
use automata::services::entropy::Entropy;
use automata::services::http;
use automata::services::process::local::Local;
use automata::services::process::{Ended as ProgramEnded, Order, Programs, Room as ProgramRoom};
use automata::services::secrets::Secret;
use automata::tasks::Files;
use automata::views::timeline::Timeline;
use serde_json::Value;

use super::accounted::every_effect_has_its_reasons;
use super::drive::{DriveWorld, SERVICE_ACCOUNT};
use super::git_server::GitServer;
use super::github::{GitHubWorld, TOKEN};
use super::outside::NoLinger;

/// The default branch when a story begins.
const FILES: &[(&str, &str)] = &[
    ("README.md", "# widgets\n"),
    ("CODEOWNERS", "* @mona\n/src/parser.rs @otto\n"),
    ("src/parser.rs", "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap();\n    at\n}\n"),
    ("src/main.rs", "mod parser;\n\nfn main() {\n    parser::parse(\"a=1\");\n}\n"),
];

/// Labels that the repository has.
const LABELS: &[&str] =
    &["bug", "enhancement", "question", "documentation", "priority: high", "priority: critical"];

/// Time between two things that people do: GitHub keeps whole seconds.
const MOMENT: Duration = Duration::from_secs(1);

/// This machine's programs, with the same to say of their bounds on every machine.
struct Alike {
    programs: Local,
    unbounded: Vec<String>,
}

#[async_trait::async_trait]
impl Programs for Alike {
    async fn run(&self, order: &Order, room: &ProgramRoom) -> Result<ProgramEnded, Failure> {
        let ended = self.programs.run(order, room).await?;
        Ok(ProgramEnded { notes: self.unbounded.clone(), ..ended })
    }
}

/// A whole outside.
pub(crate) struct Stage {
    pub(crate) github: GitHubWorld,
    pub(crate) git: GitServer,
    entropy: Arc<Entropy>,
    runs: Cell<u64>,
    /// Who is asked for a change, instead of those in the configuration.
    pub(crate) assistants: RefCell<Vec<Arc<dyn Assistant>>>,
    /// Variables of the environment that hold secrets.
    variables: RefCell<Vec<(String, String)>>,
    /// Bounds that the machine of this story cannot set.
    unbounded: RefCell<Vec<String>>,
    /// Whether the repository's variable says that nothing is to be begun.
    pub(crate) paused: Cell<bool>,
    /// The Drive that runs work with.
    drive: RefCell<Option<Files>>,
}

/// The PATH of whoever runs the tests: programs are looked for where the machine has them.
#[expect(clippy::disallowed_methods, reason = "programs are looked for where the machine has them")]
pub(crate) fn search_path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            every_effect_has_its_reasons(&self.git.repository.path());
        }
    }
}

impl Stage {
    /// A repository `acme/widgets` with some code, labels, and people: mona maintains, otto writes.
    pub(crate) async fn start() -> Self {
        let github = GitHubWorld::start().await;
        let git = GitServer::with_token(TOKEN).await;
        let owner = git.repository.parent().join("acme");
        std::fs::create_dir(&owner).unwrap();
        std::os::unix::fs::symlink("../repository.git", owner.join("widgets.git")).unwrap();
        github.stands_on(&git.repository.path());
        for label in LABELS {
            github.make_label(label, "ededed", "");
        }
        github.set_permission("mona", Permission::Maintain);
        github.set_permission("otto", Permission::Write);
        let stage = Self {
            github,
            git,
            entropy: Arc::new(Entropy::seeded(1)),
            runs: Cell::new(0),
            assistants: RefCell::default(),
            variables: RefCell::default(),
            unbounded: RefCell::default(),
            paused: Cell::new(false),
            drive: RefCell::default(),
        };
        stage.put_files("main", FILES);
        stage
    }

    /// From now on runs work with this Drive, as the story's service account.
    pub(crate) async fn lends(&self, drive: &DriveWorld) {
        // A key's claim would be signed by the machine's clock, and stories have their own.
        self.lends_as(drive, SERVICE_ACCOUNT).await;
    }

    /// From now on runs work with this Drive, by a refresh token of this account.
    pub(crate) async fn lends_as(&self, drive: &DriveWorld, account: &str) {
        let credential = Credential::read(&drive.authorized_user_json(account)).unwrap();
        let seal = credential.seal("drive upload").map(Arc::new);
        let setup =
            Setup { endpoints: Endpoints::at(drive.url()), part: 256 * 1024, ..Setup::new(credential) };
        let settings = http::Settings {
            proxy_from_environment: false,
            follow_redirects: false,
            ..http::Settings::default()
        };
        let client = http::client(&settings).unwrap();
        let entropy = Arc::new(Entropy::seeded(9));
        let api = Api::new(setup, client, self.github.clock(), Arc::clone(&entropy)).await.unwrap();
        api.about().await.expect("the Drive answers");
        *self.drive.borrow_mut() = Some(Files {
            drive: Arc::new(api),
            seal,
            entropy,
            manifest: None,
            room: Default::default(),
            working_copy: automata::tasks::WorkingCopy::Stays,
            checked_out: None,
            synced: None,
        });
    }

    /// From now on the environment of runs has this variable.
    pub(crate) fn sets(&self, name: &str, value: &str) {
        self.variables.borrow_mut().retain(|(known, _)| known != name);
        self.variables.borrow_mut().push((name.to_owned(), value.to_owned()));
    }

    /// The same with a configuration on the default branch.
    pub(crate) async fn configured(yaml: &str) -> Self {
        let stage = Self::start().await;
        stage.put_file(".github/automata.yml", yaml);
        stage
    }

    /// Puts a file on the default branch.
    pub(crate) fn put_file(&self, path: &str, content: &str) {
        self.put_files("main", &[(path, content)]);
    }

    /// Puts files into a new commit on a branch, which begins with it when it is new.
    pub(crate) fn put_files(&self, branch: &str, files: &[(&str, &str)]) {
        let told = "Change by hand";
        let mut stream = format!(
            "commit refs/heads/{branch}\ncommitter Somebody <somebody@example.org> 1795341600 +0000\ndata {}\n{told}\n",
            told.len()
        );
        if self.branches().iter().any(|name| name == branch) {
            stream.push_str(&format!("from refs/heads/{branch}^0\n"));
        }
        for (path, content) in files {
            stream.push_str(&format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len()));
        }
        self.git.repository.git_with(&["fast-import", "--quiet"], stream.as_bytes());
    }

    /// Somebody renames the default branch; as on GitHub, open pull requests go with it.
    pub(crate) fn renames_default_branch(&self, to: &str) {
        let from = self.github.call_default_branch(to);
        self.git.repository.git(&["branch", "-m", &from, to]);
        self.git.repository.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{to}")]);
    }

    /// A file as it is on a branch.
    pub(crate) fn file(&self, branch: &str, path: &str) -> String {
        self.git.repository.git(&["show", &format!("refs/heads/{branch}:{path}")])
    }

    /// All branches, by name.
    pub(crate) fn branches(&self) -> Vec<String> {
        let refs = self.git.repository.git(&["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]);
        refs.lines().map(str::to_owned).collect()
    }

    /// The branches that Automata pushed for people.
    pub(crate) fn pushed_branches(&self) -> Vec<String> {
        self.branches().into_iter().filter(|name| name.starts_with("automata/")).collect()
    }

    /// Lets time pass.
    pub(crate) fn lets_pass(&self, span: Duration) {
        self.github.clock().advance(span);
    }

    /// What the runner's environment says; each call is another workflow run.
    pub(crate) fn environment(&self) -> Environment {
        self.runs.set(self.runs.get() + 1);
        let server = self.git.url().trim_end_matches("/repository.git");
        Environment {
            inside_actions: true,
            paused: self.paused.get(),
            repository: Some("acme/widgets".to_owned()),
            api_url: Some(self.github.api_url().to_owned()),
            server_url: Some(server.to_owned()),
            token: Some(Secret::new(TOKEN)),
            run_id: Some(self.last_run().to_string()),
            run_attempt: Some("1".to_owned()),
            program: Some(env!("CARGO_BIN_EXE_automata").into()),
            search_path: search_path(),
            workflow_ref: Some("acme/widgets/.github/workflows/automata.yml@refs/heads/main".to_owned()),
            ..Environment::default()
        }
    }

    /// The machine of this story cannot set a bound of programs, a whole sentence.
    pub(crate) fn cannot_bound(&self, told: &str) {
        self.unbounded.borrow_mut().push(told.to_owned());
    }

    /// GitHub's id of the workflow run that began last.
    pub(crate) fn last_run(&self) -> u64 {
        9_000 + self.runs.get()
    }

    /// A fresh run's adapters.
    pub(crate) async fn world(&self) -> Result<World, Ended> {
        let clock = self.github.clock();
        let environment = self.environment();
        let mut world = World::github(&environment, clock.clone(), Arc::clone(&self.entropy))?;
        world.clock = Arc::new(NoLinger(clock));
        // Programs work in real time, and nobody waits for their time to be over.
        if let Some((program, path)) = environment.program.zip(environment.search_path) {
            let clock = Arc::clone(&world.clock);
            let (programs, unbounded) = (Local::new(program, path, clock), self.unbounded.borrow().clone());
            world.services.programs = Some(Arc::new(Alike { programs, unbounded }));
        }
        if !self.variables.borrow().is_empty() {
            let variables = self.variables.borrow().clone().into_iter();
            let variables = variables.map(|(name, value)| (name, Secret::new(value))).collect::<Variables>();
            let http = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
            world = world.with_assistants(Workshop { variables, http, ..Workshop::default() });
        }
        let mut world = world.configured().await?;
        world.services.drive.clone_from(&self.drive.borrow());
        if !self.assistants.borrow().is_empty() {
            world.services.assistants.clone_from(&self.assistants.borrow());
        }
        Ok(world)
    }

    /// A run that takes in this event.
    pub(crate) async fn run(&self, event: &str, payload: &Value) -> Result<Report, Ended> {
        let given = Given { event: event.to_owned(), payload: payload.to_string().into_bytes() };
        take_in(&self.world().await?, Some(&given)).await
    }

    /// Comes back when the `push`th push from now on (from 1) waits to be taken; those before it pass.
    async fn push_is_about_to_arrive(&self, push: usize) {
        let mut gate = self.git.hold_next_push();
        for _ in 1..push {
            self.git.push_waits().await;
            let next = self.git.hold_next_push();
            gate.open();
            gate = next;
        }
        self.git.push_waits().await;
    }

    /// A run that takes in this event and is killed when its `push`th push (from 1) is about to arrive.
    pub(crate) async fn run_killed_at_push(&self, push: usize, event: &str, payload: &Value) {
        tokio::select! {
            biased;
            () = self.push_is_about_to_arrive(push) => {}
            ended = self.run(event, payload) => panic!("the run ended before its push {push}: {ended:?}"),
        }
    }

    /// The same; GitHub knows then that the run is over, and a later one goes on with what it left.
    pub(crate) async fn run_killed_and_taken_up(&self, push: usize, event: &str, payload: &Value) {
        self.run_killed_at_push(push, event, payload).await;
        self.github.set_run(self.last_run(), 1, "completed");
        self.drain_later().await;
    }

    /// Somebody opens an issue, and a run takes the event in.
    pub(crate) async fn opens(&self, author: &str, title: &str, body: &str) -> (u64, Report) {
        let issue = self.github.open_issue(author, title, body, &[]);
        let payload = self.github.event_payload_opened(issue);
        (issue, self.run("issues", &payload).await.unwrap())
    }

    /// A little later somebody rewrites an issue, and a run takes the event in.
    pub(crate) async fn edits(&self, person: &str, issue: u64, title: &str, body: &str) -> Report {
        self.lets_pass(MOMENT);
        let payload = self.github.edit_as(person, issue, title, body);
        self.run("issues", &payload).await.unwrap()
    }

    /// A little later somebody comments, and a run takes the event in.
    pub(crate) async fn comments(&self, author: &str, issue: u64, body: &str) -> Report {
        self.lets_pass(MOMENT);
        let comment = self.github.comment(author, issue, body);
        let payload = self.github.event_payload_commented(comment);
        self.run("issue_comment", &payload).await.unwrap()
    }

    /// A little later somebody takes a label off, and a run takes the event in.
    pub(crate) async fn unlabels(&self, person: &str, issue: u64, label: &str) -> Report {
        self.lets_pass(MOMENT);
        let payload = self.github.remove_label_as(person, issue, label);
        self.run("issues", &payload).await.unwrap()
    }

    /// A little later somebody takes an assignment away, and a run takes the event in.
    pub(crate) async fn unassigns(&self, person: &str, issue: u64, login: &str) -> Report {
        self.lets_pass(MOMENT);
        let payload = self.github.unassign_as(person, issue, login);
        self.run("issues", &payload).await.unwrap()
    }

    /// Somebody adds a task about an issue by hand, and a run works on it.
    pub(crate) async fn works_on(&self, kind: &str, issue: u64, input: &str) {
        let world = self.world().await.unwrap();
        let (clock, entropy) = (world.clock.clone(), world.entropy.clone());
        let run = world.run.clone();
        let session = Session::open(world.log().unwrap(), clock, entropy, run).await.unwrap();
        let input = Payload::of(&serde_json::from_str::<Value>(input).unwrap()).unwrap();
        let request = TaskRequest::new(kind, Subject::Issue(IssueNumber(issue)), input, "by hand");
        session.submit(Command::Enqueue(vec![request])).unwrap();
        drain(&session, &world.services, &world.config, &Until::default()).await.unwrap();
    }

    /// Somebody revives all dead letters of a kind by hand.
    pub(crate) async fn revives(&self, kind: &str) {
        let world = self.world().await.unwrap();
        let (clock, entropy) = (world.clock.clone(), world.entropy.clone());
        let session = Session::open(world.log().unwrap(), clock, entropy, world.run.clone()).await.unwrap();
        let lost = |task: &&automata::domain::task::Task| {
            task.spec.kind.as_str() == kind && matches!(task.status, Status::Failed { .. })
        };
        let lost: Vec<TaskId> =
            session.state().tasks.values().filter(lost).map(|task| task.id.clone()).collect();
        for task in lost {
            session.submit(Command::Revive { task, input: None, reason: "by hand".to_owned() }).unwrap();
        }
        session.flush().await.unwrap();
    }

    /// A run without an event.
    pub(crate) async fn drain(&self) -> Report {
        take_in(&self.world().await.unwrap(), None).await.unwrap()
    }

    /// A run without an event that is killed when its `push`th push (from 1) is about to arrive; false when it came to its
    /// end with fewer.
    pub(crate) async fn drain_killed_at_push(&self, push: usize) -> bool {
        tokio::select! {
            biased;
            () = self.push_is_about_to_arrive(push) => true,
            _ = self.drain() => false,
        }
    }

    /// Later, when every task that waits for another attempt may have it, a run without an event.
    pub(crate) async fn drain_later(&self) -> Report {
        self.lets_pass(Duration::from_secs(3_600));
        self.drain().await
    }

    /// The comments on an issue that are Automata's, without their hidden first line.
    pub(crate) fn status_comments(&self, issue: u64) -> Vec<String> {
        let comments = self.github.comments_of(issue).into_iter();
        let ours = comments.filter(|(author, _)| author == "github-actions[bot]");
        ours.map(|(_, body)| {
            let (marker, text) = body.split_once('\n').unwrap();
            assert!(marker.starts_with("<!-- automata:status "), "{marker}");
            text.to_owned()
        })
        .collect()
    }

    /// The hop that the one comment of Automata's on an issue tells other automation.
    pub(crate) fn told_hop(&self, issue: u64) -> u8 {
        let ours =
            self.github.comments_of(issue).into_iter().find(|(author, _)| author == "github-actions[bot]");
        let (_, body) = ours.unwrap();
        let hop = body.split_once("hop=").unwrap().1;
        hop[..hop.find(' ').unwrap()].parse().unwrap()
    }

    /// The one comment on an issue that is Automata's.
    pub(crate) fn status_comment(&self, issue: u64) -> String {
        let comments = self.status_comments(issue);
        assert_eq!(comments.len(), 1, "{comments:#?}");
        comments.into_iter().next().unwrap()
    }

    /// What was to change on GitHub, one request a line, without the texts of comments and pull requests.
    /// Sorted: tasks that do not wait for each other may overtake each other.
    pub(crate) fn writes(&self) -> Vec<String> {
        let short = |line: String| {
            let line = line.replace("/repos/acme/widgets", "");
            match line.split_once(" {\"body\":") {
                Some((request, _)) => request.to_owned(),
                None => line,
            }
        };
        let mut writes: Vec<String> = self.github.writes().into_iter().map(short).collect();
        writes.sort();
        writes
    }

    /// The present state, as a fresh reader sees it.
    pub(crate) async fn state(&self) -> State {
        let world = self.world().await.unwrap();
        read(world.log().unwrap().as_ref()).await.unwrap().0
    }

    /// Everything that was ever recorded.
    pub(crate) async fn history(&self) -> Vec<Envelope> {
        let mut events = Vec::new();
        let log = self.world().await.unwrap().log().unwrap();
        log.history(Sequence(1), &mut |envelope| events.push(envelope)).await.unwrap();
        events
    }

    /// Everything that was ever recorded, a sentence each.
    pub(crate) async fn told(&self) -> Vec<String> {
        self.history().await.iter().map(sentence::of).collect()
    }

    /// What `automata why` says about an issue.
    pub(crate) async fn why(&self, issue: u64) -> String {
        let state = self.state().await;
        let number = IssueNumber(issue);
        let timeline = Timeline::whole(number, &self.history().await);
        let present = Present { state: &state, now: self.github.clock().now(), room: &|_| Room::default() };
        let budgets = self.world().await.unwrap().config.limits.budget;
        let answer = present.explain(number, timeline.events());
        answer.with_spending(&budgets, &state, present.now).lines().join("\n")
    }

    /// How many tasks of each kind there are, by status: `label completed`.
    pub(crate) async fn tasks(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for task in self.state().await.tasks.values() {
            *counts.entry(format!("{} {}", task.spec.kind, task.status.name())).or_default() += 1;
        }
        counts
    }
}
