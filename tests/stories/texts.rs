//! What people write in these stories.

/// A bug's title.
pub(super) const CRASH: &str = "Crash on a line without an equals sign";

/// A bug with a stack trace.
pub(super) const TRACE: &str = "\
### What happened?

It crashes.

```
thread 'main' panicked at src/parser.rs:2:30:
called `Option::unwrap()` on a `None` value
stack backtrace:
   3: widgets::parser::parse
             at ./src/parser.rs:2:30
   4: widgets::main
             at ./src/main.rs:4:5
```
";

/// A wish's title.
pub(super) const WISH: &str = "Feature request: read from standard input";

/// A wish.
pub(super) const WISH_TEXT: &str =
    "It would be great if widgets could read from standard input. Please add support for this.";

/// A question's title.
pub(super) const QUESTION: &str = "How do I read the list from a file?";

/// A question.
pub(super) const QUESTION_TEXT: &str =
    "Hi! Is there a way to read the list from a file? How do I do that on Windows?";

/// A patch that mends the crash, as people paste it.
pub(super) const MENDED: &str = "\
Easy to mend:

```diff
diff --git a/src/parser.rs b/src/parser.rs
--- a/src/parser.rs
+++ b/src/parser.rs
@@ -1,4 +1,4 @@
 fn parse(line: &str) -> usize {
-    let at = line.find('=').unwrap();
+    let at = line.find('=').unwrap_or(0);
     at
 }
```
";

/// The line that the patch brings.
pub(super) const MENDED_LINE: &str = "    let at = line.find('=').unwrap_or(0);\n";

/// The branch that a change for issue 1 with the title [`CRASH`] is pushed on.
pub(super) const BRANCH: &str = "automata/issue-1-crash-on-a-line-without-an-equals-sign";

/// A patch in the fence that people put it in.
pub(super) fn fenced(patch: &str) -> String {
    format!("Try this:\n\n```diff\n{patch}```\n")
}
