//! Trees and diagrams of small and of unwieldy queues.

use super::*;
use crate::domain::failure::Failure;
use crate::domain::room::Room;
use crate::domain::spec::{IfLost, TaskRequest};
use crate::domain::story::{MINUTE, Story, request};
use crate::views::board;

fn graph(story: &Story, around: Option<&str>) -> Graph {
    let around = around.map(|id| story.state.tasks.get(&TaskId::new(id)).expect("a task"));
    Graph::of(&story.state, around, &|task| board::row(&story.state, task, story.now, &|_| Room::default()))
}

/// Two halves of one whole, which needs something that failed too; and a task on its own.
fn diamond() -> Story {
    let mut story = Story::new();
    let mut whole = request("whole").after(1).after(2).after(4);
    whole.spec.if_lost = IfLost::Continue;
    let mut late = request("late");
    late.spec.not_before = Some(story.now.plus(MINUTE));
    let requests = vec![
        request("first"),
        request("left").after(0),
        request("right").after(0),
        whole,
        request("broken"),
        late,
    ];
    let tasks = story.enqueue(requests);
    // A task comes after those that it waits for: this is the fifth request.
    let broken = &tasks[3];
    let lease = story.claim(broken);
    story.fail(broken, lease, Failure::permanent("broken", "it broke"));
    story.work(&tasks[0]);
    story.claim(&tasks[1]);
    story
}

#[test]
fn a_task_with_several_parents_is_told_once_and_pointed_at_after() {
    insta::assert_snapshot!(graph(&diamond(), None).lines().join("\n"), @r"
    c1.1 first issue/42: completed
    ├─ c1.2 left issue/42: running
    │  └─ c1.4 whole issue/42: blocked (needs c1.2, c1.3, c1.5)
    └─ c1.3 right issue/42: ready
       └─ c1.4 (above)
    c1.5 broken issue/42: failed
    └─ c1.4 (above)
    c1.6 late issue/42: scheduled for 2026-11-22T10:01:00Z
    ");
}

#[test]
fn around_one_task_stands_what_it_needs_and_what_needs_it() {
    insta::assert_snapshot!(graph(&diamond(), Some("c1.3")).lines().join("\n"), @r"
    c1.1 first issue/42: completed
    └─ c1.3 right issue/42: ready
       └─ c1.4 whole issue/42: blocked
    ");
}

#[test]
fn the_diagram_has_the_same_tasks_with_a_colour_for_each_status() {
    insta::assert_snapshot!(graph(&diamond(), None).mermaid().join("\n"), @r#"
    graph TD
      t1["first issue/42<br/>c1.1<br/>completed"]:::completed
      t2["left issue/42<br/>c1.2<br/>running"]:::running
      t3["right issue/42<br/>c1.3<br/>ready"]:::ready
      t4["broken issue/42<br/>c1.5<br/>failed"]:::failed
      t5["whole issue/42<br/>c1.4<br/>blocked"]:::waiting
      t6["late issue/42<br/>c1.6<br/>scheduled for 2026-11-22T10:01:00Z"]:::waiting
      t1 --> t2
      t1 --> t3
      t2 --> t5
      t3 --> t5
      t4 --> t5
      classDef ready fill:#ddf4ff,stroke:#0969da,color:#1f2328
      classDef waiting fill:#f6f8fa,stroke:#8c959f,color:#1f2328
      classDef running fill:#fff8c5,stroke:#9a6700,color:#1f2328
      classDef completed fill:#dafbe1,stroke:#1a7f37,color:#1f2328
      classDef failed fill:#ffebe9,stroke:#cf222e,color:#1f2328
    "#);
}

#[test]
fn nothing_in_a_label_is_more_than_text() {
    assert_eq!(
        escaped("\"]; click <b>#quot;`x`|y|\n%%{init}%%"),
        "#34;#93;#59; click #60;b#62;#35;quot#59;#96;x#96;#124;y#124; #37;#37;#123;init#125;#37;#37;"
    );
}

#[test]
fn a_long_chain_goes_on_at_the_margin() {
    let mut story = Story::new();
    let chain: Vec<TaskRequest> = (0..1_000)
        .map(|place: usize| if place == 0 { request("link") } else { request("link").after(place - 1) })
        .collect();
    story.enqueue(chain);
    let lines = graph(&story, None).lines();
    let told = lines.iter().filter(|line| line.contains(" link ")).count();
    assert_eq!(told, 1_000, "each is told once");
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(widest < 100, "{widest}");
    assert_eq!(lines[16], format!("{}└─ c1.17 (below)", "   ".repeat(15)));
    assert_eq!(lines[17], "c1.17 link issue/42: blocked");
}
