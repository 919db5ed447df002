//! Conditions of causes: CEL over the counts of one unit, checked when they are read.
//!
//! Only a part of the language is let in: measures, whole numbers, arithmetic, comparisons, `&&`, `||`, `!` and `?:`.
//! Nothing in it loops, so the length of the text bounds the work, and numbers are exact (64 bits, never rounded).

use std::sync::{Arc, LazyLock};

use cel::common::ast::{CallExpr, Expr, LiteralValue, SourceInfo, operators as operator};
use cel::parser::Parser;
use cel::{Context, Env, IdedExpr, Value};

use super::finding::one_of;
use super::indicator::Measure;

/// Longer conditions are refused.
const LONGEST: usize = 300;
/// Parentheses and brackets within more of them are refused.
const DEEPEST: usize = 8;
/// More signs of operators are refused: every operator is a step of recursion where conditions are answered.
const OPERATORS: usize = 40;
/// How deep the parser may go into the grammar.
const RECURSION: u16 = 16;
/// The parser takes some 100 KB of stack for a parenthesis and 30 KB for an operator, more than a thread usually has.
const STACK: usize = 32 << 20;

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A condition that was checked: `paid_cashless_other * 5 >= fee_transactions`.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    measures: Vec<Measure>,
    expression: Arc<IdedExpr>,
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n  remedy: {hint}")]
pub struct ConditionError {
    /// Where in the text, in bytes.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Condition {
    /// Checks `text`, which may ask for the `known` measures.
    ///
    /// # Errors
    /// [`ConditionError`] when it is not CEL, asks for another measure, mixes numbers with yes and no, gives a number
    /// instead of yes or no, or uses what conditions have no need of.
    pub fn new(text: &str, known: &[&str]) -> Result<Self, ConditionError> {
        let wrong = |at: usize, message: String, hint: &str| ConditionError { at, message, hint: hint.to_owned() };
        if text.len() > LONGEST {
            let message = format!("the condition has {} characters, more than {LONGEST}", text.len());
            return Err(wrong(0, message, "split it: a cause above this one can take the first part"));
        }
        if let Some((at, c)) = text.char_indices().find(|(_, c)| !c.is_ascii()) {
            let hint = "write measures by their names, and operators as in `received > 0 && received_online == 0`";
            return Err(wrong(at, format!("`{c}` cannot stand in a condition"), hint));
        }
        if depth(text) > DEEPEST {
            let message = format!("more than {DEEPEST} parentheses within each other");
            return Err(wrong(0, message, "leave out those that are not needed, or split the condition"));
        }
        if text.bytes().filter(|byte| b"+-*/%<>=!&|?:".contains(byte)).count() > OPERATORS {
            let message = format!("more than {OPERATORS} signs of operators");
            return Err(wrong(0, message, "split it: a cause above this one can take the first part"));
        }
        let (expression, places) = parsed(text).map_err(|why| {
            let hint = "write it as in `paid_cashless_other * 5 >= fee_transactions`";
            wrong(0, format!("not a condition in CEL: {why}"), hint)
        })?;
        let mut check = Check { known, places: &places, measures: Vec::new() };
        if check.kind(&expression)? == Kind::Number {
            let hint = "compare the number with another, as in `received > 0`";
            return Err(wrong(0, "the condition gives a number, not yes or no".to_owned(), hint));
        }
        Ok(Self { text: text.to_owned(), measures: check.measures, expression: Arc::new(expression) })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it asks for, each once.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// Whether it holds for the counts of a unit. `None`, not applicable: a measure is missing (which is not zero), a
    /// division by zero, or a number beyond 64 bits.
    pub fn holds(&self, count: impl Fn(&Measure) -> Option<u64>) -> Option<bool> {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for measure in &self.measures {
            context.add_variable_from_value(measure.as_str(), i64::try_from(count(measure)?).ok()?);
        }
        match Value::resolve(&self.expression, &context) {
            Ok(Value::Bool(holds)) => Some(holds),
            _ => None,
        }
    }
}

/// How many parentheses and brackets are open at most.
fn depth(text: &str) -> usize {
    let mut open = 0_usize;
    let deepest = text.bytes().map(|byte| {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    deepest.max().unwrap_or(0)
}

/// Parses on a thread of its own, whose stack is large enough for every text of [`LONGEST`] and [`DEEPEST`].
fn parsed(text: &str) -> Result<(IdedExpr, SourceInfo), String> {
    let parse = || {
        let parsed = Parser::new().max_recursion_depth(RECURSION).parse_with_source_info(text);
        parsed.map_err(|errors| {
            let first = errors.errors.first().and_then(|error| error.msg.lines().next());
            first.unwrap_or("it cannot be understood").to_owned()
        })
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse);
        let thread = thread.map_err(|error| format!("no thread to read it: {error}"))?;
        thread.join().unwrap_or_else(|_| Err("it cannot be understood".to_owned()))
    })
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    YesOrNo,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::YesOrNo => "yes or no",
        }
    }
}

struct Check<'c> {
    known: &'c [&'c str],
    places: &'c SourceInfo,
    measures: Vec<Measure>,
}

impl Check<'_> {
    fn kind(&mut self, node: &IdedExpr) -> Result<Kind, ConditionError> {
        match &node.expr {
            Expr::Ident(name) => self.measure(node, name),
            Expr::Literal(LiteralValue::Int(_)) => Ok(Kind::Number),
            Expr::Literal(LiteralValue::Boolean(_)) => Ok(Kind::YesOrNo),
            Expr::Literal(_) => {
                let message = "only whole numbers can stand in a condition";
                Err(self.wrong(node, message, "write `a * 2 >= b * 3` instead of `a >= b * 1.5`"))
            }
            Expr::Call(call) if call.target.is_none() => self.call(node, call),
            _ => Err(self.needless(node)),
        }
    }

    fn measure(&mut self, node: &IdedExpr, name: &str) -> Result<Kind, ConditionError> {
        if !self.known.contains(&name) {
            let near = one_of(name, self.known);
            let hint = format!("{near}. Another measure is declared on the indicator: measures = [\"{name}\"]");
            return Err(self.wrong(node, format!("unknown measure `{name}`"), hint));
        }
        if self.measures.iter().all(|known| known.as_str() != name) {
            self.measures.push(Measure::new(name));
        }
        Ok(Kind::Number)
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Kind, ConditionError> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (
                operator::ADD | operator::SUBSTRACT | operator::MULTIPLY | operator::DIVIDE | operator::MODULO,
                [left, right],
            ) => {
                self.all(Kind::Number, &[left, right])?;
                Ok(Kind::Number)
            }
            (operator::NEGATE, [number]) => {
                self.all(Kind::Number, &[number])?;
                Ok(Kind::Number)
            }
            (operator::LESS | operator::LESS_EQUALS | operator::GREATER | operator::GREATER_EQUALS, [left, right]) => {
                self.all(Kind::Number, &[left, right])?;
                Ok(Kind::YesOrNo)
            }
            (operator::EQUALS | operator::NOT_EQUALS, [left, right]) => {
                let kind = self.kind(left)?;
                self.all(kind, &[right])?;
                Ok(Kind::YesOrNo)
            }
            (operator::LOGICAL_AND | operator::LOGICAL_OR | operator::LOGICAL_NOT, parts) => {
                self.all(Kind::YesOrNo, &parts.iter().collect::<Vec<_>>())?;
                Ok(Kind::YesOrNo)
            }
            (operator::CONDITIONAL, [asked, yes, no]) => {
                self.all(Kind::YesOrNo, &[asked])?;
                let kind = self.kind(yes)?;
                self.all(kind, &[no])?;
                Ok(kind)
            }
            _ => Err(self.needless(node)),
        }
    }

    fn all(&mut self, wanted: Kind, nodes: &[&IdedExpr]) -> Result<(), ConditionError> {
        for node in nodes {
            let found = self.kind(node)?;
            if found != wanted {
                let message = format!("here stands {}, where {} is needed", found.word(), wanted.word());
                let hint = match wanted {
                    Kind::YesOrNo => "compare the number with another, as in `received > 0`",
                    Kind::Number => "join comparisons by `&&` or `||`; do not compare or reckon with their answers",
                };
                return Err(self.wrong(node, message, hint));
            }
        }
        Ok(())
    }

    fn needless(&self, node: &IdedExpr) -> ConditionError {
        let message = "a condition has only measures, whole numbers, arithmetic and comparisons";
        self.wrong(node, message, "use + - * / %, < <= > >= == !=, && || ! and ?: with parentheses")
    }

    fn wrong(&self, node: &IdedExpr, message: impl Into<String>, hint: impl Into<String>) -> ConditionError {
        let at = self.places.offset_for(node.id).and_then(|(start, _)| usize::try_from(start).ok());
        ConditionError { at: at.unwrap_or(0), message: message.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests;
