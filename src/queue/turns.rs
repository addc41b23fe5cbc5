//! Whose turn it is: rows of tasks about one subject beside each other, each row in the order of its tasks' own turns.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::iter::Peekable;
use std::time::Duration;

use crate::domain::id::TaskId;
use crate::domain::state::State;
use crate::domain::task::{MOST_OWED, POINT, Turn};
use crate::domain::tasks::{Lane, Row};
use crate::domain::time::Timestamp;

type Stream<'a, T> = Peekable<Box<dyn Iterator<Item = (Turn, &'a T)> + 'a>>;

/// Tasks that wait for nothing but their turn and room, in their turn. Each costs the logarithm of their number.
pub(super) struct Turns<'a> {
    state: &'a State,
    /// What is owed is owed less with each minute.
    now: Timestamp,
    /// Rows nobody looked at yet, in the order of their first tasks, with what they owe: those that owe nothing, and
    /// those of which that has to be looked up.
    free: Stream<'a, Row>,
    owing: Stream<'a, Row>,
    /// Rows that were looked at, and the turns of what comes next of them.
    rows: BTreeMap<Row, Open<'a>>,
    opened: BinaryHeap<Reverse<(Turn, Row)>>,
    /// The row of the last task.
    last: Option<Row>,
}

/// A row that was looked at.
struct Open<'a> {
    owes: Duration,
    /// Lanes nobody looked at yet.
    lanes: Stream<'a, Lane>,
    /// What comes next of the others, and tasks whose time came since the last event.
    next: BinaryHeap<Reverse<Next<'a>>>,
}

/// A task whose turn it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Next<'a> {
    turn: Turn,
    pub(super) id: &'a TaskId,
    lane: Option<&'a Lane>,
}

impl<'a> Turns<'a> {
    pub(super) fn new(state: &'a State, now: Timestamp) -> Self {
        let stream = |rows: Box<dyn Iterator<Item = (Turn, &'a Row)> + 'a>| rows.peekable();
        let mut turns = Self {
            state,
            // A clock that goes after the log's would let rows owe what they owe no longer.
            now: now.max(state.at),
            free: stream(Box::new(state.tasks.free_rows())),
            owing: stream(Box::new(state.tasks.owing_rows())),
            rows: BTreeMap::new(),
            opened: BinaryHeap::new(),
            last: None,
        };
        for (_, task) in state.tasks.timed().take_while(|(at, _)| *at <= now) {
            let next = Next { turn: task.turn(), id: &task.id, lane: None };
            turns.row(&Row::of(&task.spec)).next.push(Reverse(next));
        }
        let first = |(row, open): (&Row, &mut Open<'a>)| Some(Reverse((open.turn()?, row.clone())));
        turns.opened = turns.rows.iter_mut().filter_map(first).collect();
        turns
    }

    pub(super) fn next(&mut self) -> Option<Next<'a>> {
        if let Some(row) = self.last.take() {
            self.seat(row);
        }
        loop {
            let free = self.free.peek().map(|(turn, _)| *turn);
            let owing = self.owing.peek().map(|((sum, place), _)| {
                (Timestamp::from_millis(sum.as_millis().saturating_sub(self.now.as_millis())), *place)
            });
            let opened = self.opened.peek().map(|Reverse((turn, _))| *turn);
            let first = [free, owing, opened].into_iter().flatten().min()?;
            if opened == Some(first) {
                let Reverse((_, row)) = self.opened.pop()?;
                let next = self.rows.get_mut(&row)?.pop(self.state);
                self.last = Some(row);
                return next;
            }
            let stream = if free == Some(first) { &mut self.free } else { &mut self.owing };
            let (_, row) = stream.next()?;
            if !self.rows.contains_key(row) {
                self.row(row);
                self.seat(row.clone());
            }
        }
    }

    /// Lets the rest of a task's lane come up.
    pub(super) fn go_on_after(&mut self, task: &Next<'a>) {
        let next = task.lane.and_then(|lane| Some((lane, self.state.tasks.lane(lane, Some(task.turn))?)));
        if let Some((lane, (turn, id))) = next
            && let Some(open) = self.last.as_ref().and_then(|row| self.rows.get_mut(row))
        {
            open.next.push(Reverse(Next { turn, id, lane: Some(lane) }));
        }
    }

    /// The last task is taken: its row owes for it.
    pub(super) fn take(&mut self) {
        if let Some(open) = self.last.as_ref().and_then(|row| self.rows.get_mut(row)) {
            open.owes = (open.owes + POINT).min(MOST_OWED);
        }
    }

    fn row(&mut self, row: &Row) -> &mut Open<'a> {
        let (state, now) = (self.state, self.now);
        self.rows.entry(row.clone()).or_insert_with(|| {
            let lanes: Box<dyn Iterator<Item = (Turn, &'a Lane)> + 'a> = Box::new(state.tasks.lanes_of(row));
            let owes = state.tasks.owes_until(row).map_or(Duration::ZERO, |until| until.since(now));
            Open { owes, lanes: lanes.peekable(), next: BinaryHeap::new() }
        })
    }

    fn seat(&mut self, row: Row) {
        if let Some(turn) = self.rows.get_mut(&row).and_then(Open::turn) {
            self.opened.push(Reverse((turn, row)));
        }
    }
}

impl<'a> Open<'a> {
    /// The turn of what comes next, with what is owed.
    fn turn(&mut self) -> Option<Turn> {
        let lane = self.lanes.peek().map(|(turn, _)| *turn);
        let next = self.next.peek().map(|Reverse(next)| next.turn);
        let (at, place) = [lane, next].into_iter().flatten().min()?;
        Some((at.plus(self.owes), place))
    }

    fn pop(&mut self, state: &'a State) -> Option<Next<'a>> {
        let next = self.next.peek().map(|Reverse(next)| next.turn);
        match self.lanes.peek() {
            Some((turn, _)) if next.is_none_or(|next| *turn < next) => {
                let (_, lane) = self.lanes.next()?;
                let (turn, id) = state.tasks.lane(lane, None)?;
                Some(Next { turn, id, lane: Some(lane) })
            }
            _ => self.next.pop().map(|Reverse(next)| next),
        }
    }
}
