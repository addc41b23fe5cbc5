//! The language of `q`: read strictly, so that a story notices a query that Google would not take.

use automata::domain::time::Timestamp;

use super::state::{Item, State};

/// A condition.
#[derive(Debug)]
pub(crate) enum Term {
    All(Vec<Term>),
    Any(Vec<Term>),
    Not(Box<Term>),
    /// `name = 'x'`: field, operator, value.
    Compare(String, String, Value),
    /// `'id' in parents`.
    In(String, String),
    /// `appProperties has { key='a' and value='b' }`.
    Has(String, String, String),
    SharedWithMe,
}

/// What is compared with.
#[derive(Debug)]
pub(crate) enum Value {
    Text(String),
    Truth(bool),
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&first) = rest.peek() {
        if first.is_whitespace() {
            rest.next();
        } else if first == '\'' {
            rest.next();
            let mut value = String::new();
            loop {
                match rest.next()? {
                    '\'' => break,
                    '\\' => match rest.next()? {
                        escaped @ ('\'' | '\\') => value.push(escaped),
                        _ => return None,
                    },
                    plain => value.push(plain),
                }
            }
            found.push(Token::Text(value));
        } else if first.is_alphanumeric() {
            let mut word = String::new();
            while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '.') {
                word.push(c);
            }
            found.push(Token::Word(word));
        } else if "!<>=".contains(first) {
            let mut sign = String::new();
            while let Some(c) = rest.next_if(|c| "!<>=".contains(*c)) {
                sign.push(c);
            }
            found.push(Token::Sign(sign));
        } else if "(){}".contains(first) {
            rest.next();
            found.push(Token::Sign(first.to_string()));
        } else {
            return None;
        }
    }
    Some(found)
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Reader {
    fn word(&mut self, wanted: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(word) if word == wanted);
        self.tokens.next_if(is).is_some()
    }

    fn sign(&mut self, wanted: &str) -> Option<()> {
        let is = |token: &Token| matches!(token, Token::Sign(sign) if sign == wanted);
        self.tokens.next_if(is).map(|_| ())
    }

    fn text(&mut self) -> Option<String> {
        match self.tokens.next()? {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    fn any(&mut self) -> Option<Term> {
        let mut terms = vec![self.all()?];
        while self.word("or") {
            terms.push(self.all()?);
        }
        Some(if terms.len() == 1 { terms.remove(0) } else { Term::Any(terms) })
    }

    fn all(&mut self) -> Option<Term> {
        let mut terms = vec![self.one()?];
        while self.word("and") {
            terms.push(self.one()?);
        }
        Some(if terms.len() == 1 { terms.remove(0) } else { Term::All(terms) })
    }

    fn one(&mut self) -> Option<Term> {
        if self.word("not") {
            return Some(Term::Not(Box::new(self.one()?)));
        }
        if self.sign("(").is_some() {
            let inner = self.any()?;
            self.sign(")")?;
            return Some(inner);
        }
        match self.tokens.next()? {
            Token::Text(value) => {
                if !self.word("in") {
                    return None;
                }
                match self.tokens.next()? {
                    Token::Word(list)
                        if matches!(list.as_str(), "parents" | "owners" | "writers" | "readers") =>
                    {
                        Some(Term::In(value, list))
                    }
                    _ => None,
                }
            }
            Token::Word(field) if field == "sharedWithMe" => {
                // Both forms are about: by itself, and compared with a truth value.
                if self.sign("=").is_some() && !self.word("true") {
                    return None;
                }
                Some(Term::SharedWithMe)
            }
            Token::Word(field) if matches!(field.as_str(), "properties" | "appProperties") => {
                if !self.word("has") {
                    return None;
                }
                self.sign("{")?;
                let key = self.pair("key")?;
                if !self.word("and") {
                    return None;
                }
                let value = self.pair("value")?;
                self.sign("}")?;
                Some(Term::Has(field, key, value))
            }
            Token::Word(field) => {
                let operator = match self.tokens.next()? {
                    Token::Sign(sign) => sign,
                    Token::Word(word) if word == "contains" => word,
                    _ => return None,
                };
                let value = match self.tokens.next()? {
                    Token::Text(text) => Value::Text(text),
                    Token::Word(word) if word == "true" || word == "false" => Value::Truth(word == "true"),
                    _ => return None,
                };
                is_known(&field, &operator, &value).then_some(Term::Compare(field, operator, value))
            }
            Token::Sign(_) => None,
        }
    }

    fn pair(&mut self, name: &str) -> Option<String> {
        if !self.word(name) {
            return None;
        }
        self.sign("=")?;
        self.text()
    }
}

/// Which operator goes with which field, as the guide's table has it.
fn is_known(field: &str, operator: &str, value: &Value) -> bool {
    match (field, value) {
        ("name", Value::Text(_)) => matches!(operator, "=" | "!=" | "contains"),
        ("mimeType", Value::Text(_)) => matches!(operator, "=" | "!=" | "contains"),
        ("fullText", Value::Text(_)) => operator == "contains",
        ("modifiedTime" | "createdTime" | "viewedByMeTime" | "sharedWithMeTime", Value::Text(at)) => {
            matches!(operator, "=" | "!=" | "<" | "<=" | ">" | ">=") && moment(at).is_some()
        }
        ("trashed" | "starred", Value::Truth(_)) => matches!(operator, "=" | "!="),
        ("shortcutDetails.targetId" | "visibility", Value::Text(_)) => matches!(operator, "=" | "!="),
        _ => false,
    }
}

/// A time of a query; without a zone it is UTC.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// Reads a query; none when it is not in order.
pub(crate) fn parse(text: &str) -> Option<Term> {
    let mut reader = Reader { tokens: tokens(text)?.into_iter().peekable() };
    let term = reader.any()?;
    reader.tokens.peek().is_none().then_some(term)
}

impl State {
    /// Whether an item meets a condition.
    pub(crate) fn meets(&self, item: &Item, term: &Term, account: &str) -> bool {
        match term {
            Term::All(terms) => terms.iter().all(|term| self.meets(item, term, account)),
            Term::Any(terms) => terms.iter().any(|term| self.meets(item, term, account)),
            Term::Not(term) => !self.meets(item, term, account),
            Term::SharedWithMe => self.owner_of(item).as_deref() != Some(account) && item.drive.is_none(),
            Term::Has(which, key, value) => {
                let map = if which == "properties" { &item.properties } else { &item.app_properties };
                map.get(key) == Some(value)
            }
            Term::In(value, list) if list == "parents" => {
                let wanted = if value == "root" { self.roots.get(account).unwrap_or(value) } else { value };
                item.parent.as_ref() == Some(wanted)
            }
            Term::In(value, list) => self.standing(&item.id).iter().any(|standing| {
                let least = match list.as_str() {
                    "owners" => 6,
                    "writers" => 3,
                    _ => 1,
                };
                super::rights::rank(&standing.grant.role) >= least
                    && standing.grant.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(value))
            }),
            Term::Compare(field, operator, value) => self.compares(item, field, operator, value),
        }
    }

    fn compares(&self, item: &Item, field: &str, operator: &str, value: &Value) -> bool {
        let negated = operator == "!=";
        let found = match (field, value) {
            // Drive pays no regard to capitals, and `contains` looks at the beginnings of words.
            ("name", Value::Text(wanted)) => {
                let (name, wanted) = (item.name.to_lowercase(), wanted.to_lowercase());
                if operator == "contains" {
                    let begins = |(at, _): (usize, &str)| {
                        at == 0 || !name[..at].chars().next_back().is_some_and(char::is_alphanumeric)
                    };
                    name.match_indices(&wanted).any(begins)
                } else {
                    name == wanted
                }
            }
            ("mimeType", Value::Text(wanted)) if operator == "contains" => {
                item.mime.starts_with(wanted.as_str())
            }
            ("mimeType", Value::Text(wanted)) => item.mime == *wanted,
            ("fullText", Value::Text(wanted)) => {
                let content =
                    item.content().map(|content| String::from_utf8_lossy(&content.bytes).into_owned());
                [Some(item.name.clone()), item.text.clone(), content]
                    .into_iter()
                    .flatten()
                    .any(|text| text.to_lowercase().contains(&wanted.to_lowercase()))
            }
            ("createdTime" | "modifiedTime", Value::Text(at)) => {
                let is = if field == "createdTime" { item.created } else { item.modified };
                let at = moment(at).unwrap();
                return match operator {
                    "<" => is < at,
                    "<=" => is <= at,
                    ">" => is > at,
                    ">=" => is >= at,
                    "!=" => is != at,
                    _ => is == at,
                };
            }
            ("trashed", Value::Truth(wanted)) => self.is_trashed(&item.id) == *wanted,
            ("starred", Value::Truth(wanted)) => item.starred == *wanted,
            ("shortcutDetails.targetId", Value::Text(wanted)) => item.target.as_ref() == Some(wanted),
            ("visibility", Value::Text(wanted)) => {
                let standing = self.standing(&item.id);
                let has = |kind: &str, found: bool| {
                    standing
                        .iter()
                        .any(|standing| standing.grant.kind == kind && standing.grant.discoverable == found)
                };
                match wanted.as_str() {
                    "anyoneCanFind" => has("anyone", true),
                    "anyoneWithLink" => has("anyone", false),
                    "domainCanFind" => has("domain", true),
                    "domainWithLink" => has("domain", false),
                    _ => standing.len() <= 1,
                }
            }
            _ => false,
        };
        found != negated
    }
}

#[test]
fn quotes_and_backslashes_are_read_as_the_guide_says_and_nonsense_is_refused() {
    assert!(
        matches!(parse(r"name = 'it\'s \\ here'"), Some(Term::Compare(_, _, Value::Text(text))) if text == r"it's \ here")
    );
    assert!(
        parse("'root' in parents and trashed = false and (name contains 'a' or not mimeType = 'b')")
            .is_some()
    );
    assert!(parse("appProperties has { key='a' and value='b' }").is_some());
    for nonsense in [
        "name = 'it's'",
        r"name = 'a\b'",
        "title = 'x'",
        "trashed = 'true'",
        "name='x' and",
        "modifiedTime > 'soon'",
        "",
    ] {
        assert!(parse(nonsense).is_none(), "{nonsense}");
    }
}
