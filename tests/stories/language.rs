//! Another language: with every word of the catalogue replaced, what is left in English is what the docs name.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use automata::config::CommentWords;
use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::texts::{CRASH, MENDED, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::stage::Stage;

/// A word of a catalogue in letters of another script. What stands in braces, in backticks or as an address stays.
fn foreign(text: &str) -> String {
    let (mut is_name, mut is_code, mut told) = (false, false, String::new());
    for c in text.chars() {
        match c {
            '{' | '}' => is_name = c == '{',
            '`' => is_code = !is_code,
            _ => {}
        }
        let place = u32::from(c.to_ascii_lowercase()).checked_sub(u32::from('a')).filter(|place| *place < 26);
        let other = place.and_then(|place| char::from_u32(u32::from('а') + place));
        told.push(other.filter(|_| !is_name && !is_code).unwrap_or(c));
    }
    told
}

/// A configuration that replaces every word, and says this besides.
fn configuration(more: &str) -> String {
    let mut yaml = format!("{more}comment:\n  words:\n");
    for word in CommentWords::default().all() {
        let text = serde_json::to_string(&foreign(word.text)).unwrap();
        writeln!(yaml, "    {}: {text}", word.key).unwrap();
    }
    yaml
}

/// What is no word: names that the stories use, times and units.
const NAMES: &[&str] = &[
    "details", "summary", "sub", "mona", "otto", "alice", "carol", "helper", "patch", "br", "github", "com",
    "https", "acme", "widgets", "issues", "pull",
];

/// The lines that have English words in them, without what is code, a link's address, a time or a name.
fn english(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut bare = String::new();
        for (place, piece) in line.split('`').enumerate() {
            bare.push_str(if place % 2 == 0 { piece } else { " " });
        }
        let words = bare.split(|c: char| !(c.is_ascii_alphabetic() || c == '_'));
        let is_word = |word: &&str| word.len() > 1 && !NAMES.contains(word);
        if words.into_iter().any(|word| is_word(&word)) {
            found.push(line.trim().to_owned());
        }
    }
    found
}

/// All that status comments said in English in the course of a story.
#[derive(Default)]
struct Heard(BTreeSet<String>);

impl Heard {
    fn hears(&mut self, stage: &Stage, issue: u64) {
        self.0.extend(english(&stage.status_comment(issue)));
    }

    fn told(self) -> String {
        self.0.into_iter().collect::<Vec<_>>().join("\n")
    }
}

#[tokio::test]
async fn of_a_finding_only_the_reasons_stay_english() {
    let stage = Stage::configured(&configuration("")).await;
    let mut heard = Heard::default();
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    heard.hears(&stage, issue);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    heard.hears(&stage, issue);
    assert_snapshot!(heard.told(), @r"
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - src/main.rs:4 (widgets::main)
    - src/parser.rs:2 (widgets::parser::parse)
    - бфж: It has the heading “what happened”, as in a bug form.
    - бфж: It shows a failing program: “panicked at”.
    - бфж: The text says “crash”.
    - бфж: The title says “crash”.
    - зижз: The program ends or stands still \(“crash”, +2\).
    - рфдтуион: The text says “how do i”.
    - рфдтуион: The text says “is there”.
    - рфдтуион: The title is a question.
    - рфдтуион: The title says “how do”.
    - рфдтуион: The title says “i”.
    ");
}

#[tokio::test]
async fn of_work_nothing_stays_english_but_why_something_failed() {
    let stage = Stage::configured(&configuration("pull_requests: { repair_checks: false }\n")).await;
    *stage.assistants.borrow_mut() = vec![Scripted::new("helper", mends)];
    let mut heard = Heard::default();
    let (issue, _) = stage.opens("mona", "Crash", "").await;
    stage.comments("mona", issue, "/automata implement").await;
    heard.hears(&stage, issue);
    stage.lets_pass(Duration::from_secs(60));
    stage.run("pull_request_review", &stage.github.review(2, "otto", "approved", "Fine.")).await.unwrap();
    heard.hears(&stage, issue);
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    stage.run("pull_request", &stage.github.event_payload_pull("closed", 2, "mona")).await.unwrap();
    heard.hears(&stage, issue);

    let stage = Stage::configured(&configuration("")).await;
    let stale = MENDED.replace("let at = line.find('=').unwrap();", "let at = gone();");
    let (issue, _) = stage.opens("mona", "Crash", &stale).await;
    heard.hears(&stage, issue);
    assert_snapshot!(heard.told(), @r"
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - src/parser.rs
    - бфж: Somebody with write access wrote it.
    - бфж: The title says “crash”.
    - зижз: Somebody with write access wrote it.
    - зижз: The program ends or stands still \(“crash”, +2\).
    - узд взанжд вофлг ноу бд магд: The patch does not apply: in \`src/parser.rs\`, hunk 1 of 1 \(\`&#64;&#64; -1,4 +1,4 &#64;&#64;\`, line 4 of the patch\): the lines it expects are not there, and the patch does not say which version it was made for. Bring the change up to the default branch, make the patch again and post it in a new comment.
    ");
}

#[tokio::test]
async fn of_suggestions_only_the_reasons_stay_english() {
    let yaml =
        "features: { label: { mode: suggest }, assign: { mode: suggest } }\nassign: { owners: true }\n";
    let stage = Stage::configured(&configuration(yaml)).await;
    let mut heard = Heard::default();
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    heard.hears(&stage, issue);
    assert_snapshot!(heard.told(), @r"
    - assign: аттижн otto, mona, бдвафтд they look after a place that the issue mentions
    - label: агг bug, priority: high, бдвафтд the analysis finds it \`bug\`, 97 % sure; the analysis finds it \`high\`, 65 % sure
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - src/main.rs:4 (widgets::main)
    - src/parser.rs:2 (widgets::parser::parse)
    - бфж: It has the heading “what happened”, as in a bug form.
    - бфж: It shows a failing program: “panicked at”.
    - бфж: The text says “crash”.
    - бфж: The title says “crash”.
    - зижз: The program ends or stands still \(“crash”, +2\).
    ");
}

#[tokio::test]
async fn of_answers_only_what_the_log_says_stays_english() {
    let stage = Stage::configured(&configuration("")).await;
    let mut heard = Heard::default();
    let (issue, _) = stage.opens("mona", "Hello", "Nice project.").await;
    for said in [
        "help",
        "status",
        "why",
        "why nothing",
        "pause",
        "pause",
        "status",
        "resume",
        "resume",
        "retry",
        "cancel",
        "cancel 7zq3m0x1c2v4.1",
        "cancel 7z",
        "approve",
        "approve label",
        "reject label",
        "stop",
        "status",
        "resume",
        "pause everything",
        "pause everything",
        "resume everything",
        "pause label",
        "pause label",
        "status",
        "resume label",
        "resume label",
        "unassign",
        "assign @nobody",
        "label +gone",
        "duplicate #1",
        "duplicate #99",
        "run other",
        "run tend",
        "implement nobody",
        "undo",
        "undo issue",
        "priority",
    ] {
        stage.comments("mona", issue, &format!("/automata {said}")).await;
        heard.hears(&stage, issue);
    }
    stage.comments("alice", issue, "/automata stop").await;
    heard.hears(&stage, issue);
    // What keeps an address from being a link cannot be seen.
    let told = heard.told().replace('\u{2060}', "");
    assert_snapshot!(told, @r"
    - /automata approve label: ноузинж узау `label` тфжждтут цаиут здсд.
    - /automata approve: ноузинж цаиут здсд еос ан аппсохал.
    - /automata assign &#64;nobody: жиузфб годт ноу лду уздм бд аттижндг здсд: уздш нддг цсиуд аввдтт, ос а воммдну он узд иттфд.
    - /automata cancel 7z: `7z` ит уоо тзосу уо намд а уатк; цсиуд ау лдату 4 взасавудст ое иут иг.
    - /automata cancel 7zq3m0x1c2v4.1: но фнеинитздг уатк ое узит иттфд ит валлдг `7zq3m0x1c2v4.1`; `/automata status` тзоцт уздм.
    - /automata cancel: уздсд цат ноузинж уо валл оее.
    - /automata duplicate &#35;1: ан иттфд ит но гфпливауд ое иутдле.
    - /automata duplicate &#35;99: уздсд ит но иттфд &#35;99.
    - /automata implement nobody: узд вонеижфсауион намдт но аттитуану `nobody`; иу намдт `patch`.
    - /automata label +gone: узд сдпотиуосш зат но лабдл `gone`; макд иу еисту, ос тду `labels.create`.
    - /automata pause everything: дхдсшузинж ит пафтдг алсдагш: ноузинж бджинт фнуил `/automata resume everything`.
    - /automata pause everything: ноузинж бджинт аншцздсд ин узит сдпотиуосш фнуил `/automata resume everything`; цзау ит фнгдс цаш жодт он, анг дхднут асд сдвосгдг.
    - /automata pause label: иу ит пафтдг алсдагш: ноузинж ое иу бджинт фнуил `/automata resume label`.
    - /automata pause label: ноузинж ое `label` бджинт ин узит сдпотиуосш фнуил `/automata resume label`.
    - /automata pause: иу ит пафтдг алсдагш: ноузинж бджинт фнуил `/automata resume`.
    - /automata pause: ноузинж бджинт здсд фнуил `/automata resume`.
    - /automata reject label: ноузинж узау `label` тфжждтут цаиут здсд.
    - /automata resume everything: иу жодт он.
    - /automata resume label: иу жодт он.
    - /automata resume label: иу цат ноу пафтдг, анг заг ноу еаллдн бавк.
    - /automata resume: иу жодт он.
    - /automata resume: иу цат ноу пафтдг.
    - /automata retry: ноузинж цат жихдн фп здсд.
    - /automata run other: цзау ван бд сфн здсд ит `analyse`, `comment`, `implement`, `tend`.
    - /automata run tend: `tend` ит абофу пфлл сдрфдтут, анг узит ит ан иттфд.
    - /automata stop: уздсд цат ноузинж уо валл оее; ноузинж бджинт здсд фнуил `/automata resume`.
    - /automata unassign: нобогш ит аттижндг.
    - The status comment shows nothing of it any more.
    - `issue`: no task, run or effect of issue/1 is called so; `/automata status` shows its tasks.
    - `label` ит пафтдг: mona said \`pause label\`; `/automata resume label` жодт он.
    - comment: https://github.com/acme/widgets/issues/1&#35;issuecomment-2, бдвафтд how issue/1 stands has changed
    - comment: https://github.com/acme/widgets/issues/1&#35;issuecomment-2, бдвафтд the state of issue/1 changed; it goes back to event 23
    - comment: https://github.com/acme/widgets/issues/1&#35;issuecomment-2, бдвафтд the state of issue/1 changed; it goes back to event 5
    - its urgency is normal \(50% sure\), бдвафтд nothing says that it is urgent, or that it is not
    - label `nothing` is not set, бдвафтд nothing in the configuration sets it: neither `labels` nor a rule names it
    - пафтдг: mona said \`pause\`; `/automata resume` жодт он.
    - пафтдг: mona said \`stop\`; `/automata resume` жодт он.
    | `/automata approve [feature]` | лдут жо цзау цаиут здсд еос ан аппсохал, ос цзау онд едауфсд тфжждтут. | write |
    | `/automata assign @x [@y …]` | аттижнт пдоплд. | triage |
    | `/automata cancel [task]` | валлт оее узд фнеинитздг уаткт ое узит иттфд, ос узд онд намдг. | write |
    | `/automata duplicate #n` | ташт узау иттфд н ит абофу узд тамд. | triage |
    | `/automata help` | тзоцт цзау ван бд таиг. | anyone |
    | `/automata implement [assistant]` | аткт узд аттитуанут, ос узд онд намдг, еос а взанжд анг а пфлл сдрфдту. | write |
    | `/automata label +a -b …` | аггт анг сдмохдт лабдлт; намдт циуз тпавдт туанг ин рфоудт. | triage |
    | `/automata pause [feature\|everything]` | бджинт ноузинж здсд фнуил `resume`; маинуаиндст: ноузинж ое а едауфсд, ос ноузинж ау алл. | write |
    | `/automata priority low\|normal\|high\|critical\|0-100` | ташт зоц тоон; а намд взанждт узд лабдл еос иу ат цдлл. | triage |
    | `/automata reject [feature]` | валлт оее цзау цаиут здсд еос ан аппсохал, ос цзау онд едауфсд тфжждтут. | write |
    | `/automata resume [feature\|everything]` | жодт он здсд; маинуаиндст: циуз а едауфсд, ос циуз дхдсшузинж. | write |
    | `/automata retry` | усидт ажаин цзау цат жихдн фп здсд. | write |
    | `/automata revise <text>` | аткт еос аноуздс взанжд, анг ташт цзау ит уо бд гиеедсдну. | write |
    | `/automata run [kind]` | аналштдт узд иттфд андц, ос сфнт `comment` ос `implement`; он а пфлл сдрфдту алто `tend`. | triage |
    | `/automata status` | тзоцт зоц узинжт туанг здсд. | anyone |
    | `/automata stop [feature\|everything]` | валлт дхдсшузинж оее здсд, анг бджинт ноузинж фнуил `resume`; маинуаиндст: цзау а едауфсд годт, ос алл уздсд ит. | write |
    | `/automata unassign [@x …]` | уакдт узд аттижнмднут ое уздтд пдоплд ацаш, ос алл. | triage |
    | `/automata undo [issue\|run\|task\|effect]` | уакдт бавк цзау афуомауа гиг здсд анг нобогш уофвздг тинвд, ос узд пасу намдг. | write |
    | `/automata why [what]` | тзоцт цзау цат еофнг, гонд анг лдеу здсд, анг цзш: алл ое иу, ос ое а лабдл, а пдстон, а уатк. | anyone |
    ");
}
