//! What strangers write stays text, and the page may do nothing but what was written with it.

use proptest::prelude::*;

use super::*;
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::story::{START, Story, issue_told, request};
use crate::domain::trigger::{About, CommentFacts, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::log::wire::samples;
use crate::views::dashboard::{Fold, Home};

fn shown(envelopes: &[Envelope], state: &State) -> Dashboard {
    let mut fold = Fold::new(tell);
    envelopes.iter().for_each(|envelope| fold.offer(envelope));
    let address = Some("https://github.com/acme/widgets".to_owned());
    fold.finish(Home { repository: "acme/widgets".to_owned(), address }, state, START, &|_| Room::default())
}

/// A log in which somebody opened an issue with this title, by this login, with this label.
fn titled(words: &str) -> Dashboard {
    let mut told = issue_told("1", "opened", None, START);
    if let About::Issue { issue, .. } = &mut told.about {
        issue.title = Excerpt::title(words);
        issue.labels = vec![words.to_owned()];
        issue.assignees = vec![words.into()];
    }
    let mut story = Story::new();
    story.told(told);
    let task = story.enqueue(vec![request("label")]).remove(0);
    let lease = story.claim(&task);
    story.fail(&task, lease, crate::domain::failure::Failure::permanent("bad", words).hint(words));
    let envelopes: Vec<Envelope> = story
        .history
        .iter()
        .map(|recorded| Envelope { id: "c-0".to_owned(), recorded: recorded.clone() })
        .collect();
    shown(&envelopes, &story.state)
}

/// The data of a page, as a browser reads it.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// What is markup in a page: the names of its elements, and of their attributes.
fn skeleton(page: &str) -> Vec<String> {
    let page = page.split("<script type=\"application/json\"").next().unwrap();
    let tags = page.split('<').skip(1).filter_map(|piece| piece.split_once('>'));
    let bare = |tag: &str| {
        let mut told = String::new();
        for (place, part) in tag.split('"').enumerate() {
            if place % 2 == 0 {
                told.push_str(part);
            }
        }
        told
    };
    tags.map(|(tag, _)| bare(tag)).collect()
}

const HOSTILE: [&str; 6] = [
    "</script><script>window.pwned=1</script>",
    "\"><img src=x onerror=window.pwned=1>",
    "' onmouseover='window.pwned=1",
    "<!--<script>",
    "\u{202E}txt.exe\u{2066} &lt;b&gt; \u{2028}",
    "`</code><svg onload=window.pwned=1>` ${window.pwned=1}",
];

#[test]
fn no_title_label_login_or_message_becomes_markup() {
    let plain = skeleton(&page(&titled("plain `code` words"), Shown::Still));
    for hostile in HOSTILE {
        let hostile = format!("x {hostile}");
        let dashboard = titled(&hostile);
        let page = page(&dashboard, Shown::Still);
        assert_eq!(page.matches("</script").count(), 3, "{hostile}");
        assert_eq!(page.matches("<script").count(), 3, "{hostile}");
        assert!(
            !page.contains('\u{202E}') && !page.contains('\u{2066}') && !page.contains('\u{2028}'),
            "{hostile}"
        );
        // A name between backticks is set as code, and nothing else differs.
        let without = |tags: &[String]| -> Vec<String> {
            tags.iter().filter(|tag| !matches!(tag.as_str(), "code" | "/code")).cloned().collect()
        };
        assert_eq!(without(&skeleton(&page)), without(&plain), "{hostile}");
        assert_eq!(data(&page), serde_json::to_value(&dashboard).unwrap(), "{hostile}");
    }
}

#[test]
fn what_comments_and_answers_say_is_not_shown() {
    let told = issue_told("1", "created", None, START);
    let About::Issue { issue, .. } = told.about.clone() else { unreachable!() };
    let body = Excerpt::body("my password is swordfish");
    let comment = CommentFacts { id: 1, author: told.actor.clone(), body, created_at: START };
    let mut story = Story::new();
    story.told(Trigger { about: About::Comment { issue, comment }, ..told });
    let recorded = story.history[0].clone();
    let dashboard = shown(&[Envelope { id: "c-0".to_owned(), recorded }], &story.state);
    let page = page(&dashboard, Shown::Still);
    assert!(!page.contains("swordfish") && !page.contains("At once."), "nor what the issue says");
    assert_eq!(dashboard.lines[0].text, "ada wrote a comment on #42");
    let answered = samples::envelopes().iter().map(tell).find(|told| told.contains("is answered")).unwrap();
    assert!(!answered.contains(':'), "{answered}");
}

#[test]
fn the_page_asks_nothing_of_anybody_and_runs_only_its_own_script() {
    let dashboard = shown(&samples::envelopes(), &State::default());
    let still = page(&dashboard, Shown::Still);
    let policy = still.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).unwrap();
    let policy = policy.split('"').next().unwrap().replace("&#39;", "'");
    assert_eq!(policy, policy::content(Shown::Still));
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-")
            && policy.contains("connect-src 'none'")
    );
    assert!(super::policy(Shown::Live).contains("connect-src 'self'"));
    for outside in [" src=", "@import", "url(", "<link rel=\"stylesheet", " style=", " onclick="] {
        assert!(!still.contains(outside), "{outside}");
    }
    // Inside of its element neither of them is cut short.
    for part in [policy::STYLE, policy::FIRST, policy::SCRIPT] {
        assert!(!part.contains("</") && still.contains(part));
    }
    assert!(!policy::SCRIPT.contains("innerHTML") && !policy::SCRIPT.contains("eval("));
}

#[test]
fn addresses_that_are_no_pages_are_no_links() {
    let links = [
        "javascript:alert(1)",
        "data:text/html,x",
        " https://x.example",
        "https://x.example/a b",
        "file:///etc",
    ];
    assert!(links.iter().all(|address| html::web(address).is_none()));
    assert_eq!(html::web("https://x.example/a"), Some("https://x.example/a"));
}

#[test]
fn every_table_has_a_caption_and_every_picture_a_name() {
    let page = page(&titled("x"), Shown::Still);
    let page = page.split("<script type=\"application/json\"").next().unwrap();
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    for svg in page.split("<svg").skip(1) {
        let head = svg.split('>').next().unwrap();
        assert!(
            ["aria-labelledby", "aria-label", "aria-hidden"].iter().any(|name| head.contains(name)),
            "{head}"
        );
    }
    assert_eq!(page.matches("<main").count(), 1);
    assert_eq!(page.matches("<h1>").count(), 1);
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands for one element");
    for used in page.split("aria-labelledby=\"").skip(1) {
        for id in used.split('"').next().unwrap().split(' ') {
            assert!(ids.contains(&id), "{id}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back_out_of_the_data_and_never_ends_it(words in "(\\PC|[<>&\"'`/!\u{2028}\u{202E}]|script|-->){0,60}") {
        let written = html::json(&serde_json::to_string(&words).unwrap());
        let is_safe = !written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
        prop_assert!(is_safe);
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), words.clone());
        for told in [html::text(&words), html::stranger(&words), html::prose(&words)] {
            let bare = told.replace("<bdi>", "").replace("</bdi>", "").replace("<code>", "").replace("</code>", "");
            let is_safe = !bare.contains(['<', '>', '"', '\'']);
            prop_assert!(is_safe, "{}", told);
        }
    }
}
