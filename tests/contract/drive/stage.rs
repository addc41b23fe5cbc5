//! A simulated Google with somebody's Drive in it, and our adapter over it.

use std::sync::Arc;
use std::time::Duration;

use automata::services::clock::Clock;
use automata::services::drive::google::{self, Api, Credential, Endpoints, Setup};
use automata::services::drive::{Drive, Error, FileId, NewFile};
use automata::services::entropy::Entropy;
use automata::services::http;

use crate::world::drive::DriveWorld;
use crate::world::github::clock::VirtualClock;

pub(crate) const MONA: &str = "mona@acme.example";
pub(crate) const OTTO: &str = "otto@acme.example";
/// The smallest part that an upload may have.
pub(crate) const GRAIN: usize = 256 * 1024;

pub(crate) fn client() -> http::Client {
    let settings = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    http::client(&google::http_settings(&settings)).unwrap()
}

/// Mona's Drive, with a clock that takes no time.
pub(crate) struct Stage {
    pub(crate) world: DriveWorld,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) drive: Api,
}

/// Has its token already, so that a story counts the calls that it is about.
async fn signed_in(world: &DriveWorld, drive: &Api) {
    drive.about().await.unwrap();
    world.take_requests();
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(VirtualClock::default());
        let world = DriveWorld::start_by(Arc::clone(&clock) as _);
        let credential = Credential::read(&world.authorized_user_json(MONA)).unwrap();
        let drive = api(&world, credential, None, Arc::clone(&clock) as _).await.unwrap();
        signed_in(&world, &drive).await;
        Self { world, clock, drive }
    }

    /// Another process of the same account.
    pub(crate) async fn another(&self) -> Api {
        let credential = Credential::read(&self.world.authorized_user_json(MONA)).unwrap();
        let drive = api(&self.world, credential, None, Arc::clone(&self.clock) as _).await.unwrap();
        signed_in(&self.world, &drive).await;
        drive
    }

    /// Somebody who does not wait long for an answer.
    pub(crate) async fn hasty(&self) -> Api {
        let credential = Credential::read(&self.world.authorized_user_json(MONA)).unwrap();
        let time = Duration::from_millis(300);
        let setup = Setup { call_time: time, still_time: time, ..setup(&self.world, credential) };
        let entropy = Arc::new(Entropy::seeded(7));
        let drive = Api::new(setup, client(), Arc::clone(&self.clock) as _, entropy).await.unwrap();
        signed_in(&self.world, &drive).await;
        drive
    }

    pub(crate) async fn with(&self, credential: &str, subject: Option<&str>) -> Result<Api, Error> {
        api(&self.world, Credential::read(credential)?, subject, Arc::clone(&self.clock) as _).await
    }

    pub(crate) fn root(&self) -> FileId {
        id(&self.world.root_of(MONA))
    }

    /// Mona has a file with this content.
    pub(crate) fn has(&self, name: &str, content: &[u8]) -> FileId {
        id(&self.world.file(MONA, &self.world.root_of(MONA), name, content))
    }

    /// A file to be made in Mona's topmost folder, with an id that was drawn.
    pub(crate) async fn new_file(&self, name: &str) -> NewFile {
        let ids = self.drive.generate_ids(1).await.unwrap();
        NewFile {
            id: ids.into_iter().next(),
            name: Some(name.to_owned()),
            parent: Some(self.root()),
            ..NewFile::default()
        }
    }

    /// What the world looks like from Mona's topmost folder.
    pub(crate) fn tree(&self) -> Vec<String> {
        self.world.tree(&self.world.root_of(MONA))
    }
}

/// An adapter over a simulated Google, in small parts.
pub(crate) async fn api(
    world: &DriveWorld,
    credential: Credential,
    subject: Option<&str>,
    clock: Arc<dyn Clock>,
) -> Result<Api, Error> {
    let setup = Setup { subject: subject.map(ToOwned::to_owned), ..setup(world, credential) };
    Api::new(setup, client(), clock, Arc::new(Entropy::seeded(7))).await
}

fn setup(world: &DriveWorld, credential: Credential) -> Setup {
    let endpoints = Endpoints::at(world.url());
    Setup { endpoints, part: GRAIN as u64, ..Setup::new(credential) }
}

pub(crate) fn id(text: &str) -> FileId {
    FileId::parse(text).unwrap()
}

/// Bytes that are no two the same in a row, so that a part in a wrong place shows.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|place| u8::try_from((place * 31 + place / 251) % 251).unwrap()).collect()
}
