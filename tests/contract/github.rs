//! What every forge does, whoever runs it.

/// Promises of the port: each is tried on the adapter over the simulated GitHub, and on the local forge.
macro_rules! kept_by_both {
    ($($promise:ident),* $(,)?) => {
        mod on_the_simulated_github {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Stage::simulated().await).await; })*
        }
        mod on_the_local_forge {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Stage::local()).await; })*
        }
    };
}

mod apps;
mod both;
mod checks;
mod limits;
mod local;
mod over_http;
mod reviewed;
mod stage;
mod world;
