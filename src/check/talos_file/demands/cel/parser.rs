//! Expressions out of words and signs.

use super::kind::Kind;
use super::token::{self, Token};

/// How deep brackets may be.
const MOST_LEVELS: usize = 100;

/// Longer expressions are let by: their parts can stand in each other as deep as there are words.
const MOST_TOKENS: usize = 1_000;

/// A part of an expression.
#[derive(Debug)]
pub(super) enum Expression {
    Value(Kind),
    Name(String),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
    Field(Box<Expression>, String),
    Item(Box<Expression>, Box<Expression>),
    /// A function, or a method of the first.
    Call(Option<Box<Expression>>, String, Vec<Expression>),
    List(Vec<Expression>),
    Map(Vec<(Expression, Expression)>),
}

/// The operators, those that bind least first.
const LEVELS: [&[&str]; 5] = [
    &["||"],
    &["&&"],
    &["==", "!=", "<=", ">=", "<", ">", "in"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Reads `text` as one expression. Nothing if it is too long to be looked at.
pub(super) fn parse(text: &str) -> Result<Option<Expression>, String> {
    let tokens = token::split(text)?;
    if tokens.len() > MOST_TOKENS {
        return Ok(None);
    }
    let mut parser = Parser {
        tokens,
        at: 0,
        level: 0,
    };
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok(Some(expression)),
        Some(token) => Err(format!("{} is one too many", shown(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    level: usize,
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::Text(_) | Token::Bytes => "a text".to_owned(),
        Token::Int | Token::Uint | Token::Double => "a number".to_owned(),
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_there = self.is_at(sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn is_at(&self, sign: &str) -> bool {
        match self.peek() {
            Some(Token::Sign(found)) => *found == sign,
            Some(Token::Name(name)) => sign == "in" && name == "in",
            _ => false,
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.takes(sign) {
            return Ok(());
        }
        let found = self.peek().map_or("its end".to_owned(), shown);
        Err(format!("`{sign}` is missing before {found}"))
    }

    fn expression(&mut self) -> Result<Expression, String> {
        self.level += 1;
        if self.level > MOST_LEVELS {
            return Err("it has too many brackets".to_owned());
        }
        let condition = self.binary(0)?;
        let expression = if self.takes("?") {
            let yes = self.binary(0)?;
            self.expect(":")?;
            let no = self.expression()?;
            Expression::Choice(Box::new(condition), Box::new(yes), Box::new(no))
        } else {
            condition
        };
        self.level -= 1;
        Ok(expression)
    }

    fn binary(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.is_at(operator)) {
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        let mut signs = Vec::new();
        loop {
            if self.takes("!") {
                signs.push('!');
            } else if self.takes("-") {
                signs.push('-');
            } else {
                break;
            }
        }
        let mut expression = self.member()?;
        for sign in signs.into_iter().rev() {
            let inner = Box::new(expression);
            expression = if sign == '!' {
                Expression::Not(inner)
            } else {
                Expression::Minus(inner)
            };
        }
        Ok(expression)
    }

    fn member(&mut self) -> Result<Expression, String> {
        let mut expression = self.primary()?;
        loop {
            if self.takes(".") {
                // `.?name` is there if the name is.
                self.takes("?");
                let name = self.name()?;
                let of = Box::new(expression);
                expression = if self.takes("(") {
                    let arguments = self.list(")")?;
                    Expression::Call(Some(of), name, arguments)
                } else {
                    Expression::Field(of, name)
                };
            } else if self.takes("[") {
                self.takes("?");
                let index = self.expression()?;
                self.expect("]")?;
                expression = Expression::Item(Box::new(expression), Box::new(index));
            } else {
                return Ok(expression);
            }
        }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            found => {
                let found = found.map_or("its end".to_owned(), shown);
                Err(format!("a name is missing before {found}"))
            }
        }
    }

    fn list(&mut self, end: &'static str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.expression()?);
            if !self.takes(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.takes("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.takes("[") {
            return Ok(Expression::List(self.list("]")?));
        }
        if self.takes("{") {
            return self.map();
        }
        self.takes(".");
        let Some(token) = self.peek().cloned() else {
            return Err("it ends where a value is missing".to_owned());
        };
        self.at += 1;
        Ok(match token {
            Token::Int => Expression::Value(Kind::Int),
            Token::Uint => Expression::Value(Kind::Uint),
            Token::Double => Expression::Value(Kind::Double),
            Token::Text(_) => Expression::Value(Kind::Text),
            Token::Bytes => Expression::Value(Kind::Bytes),
            Token::Sign(_) => return Err(format!("{} has no meaning there", shown(&token))),
            Token::Name(name) => match name.as_str() {
                "true" | "false" => Expression::Value(Kind::Bool),
                "null" => Expression::Value(Kind::Null),
                "in" => return Err("`in` has no meaning there".to_owned()),
                _ if self.takes("(") => Expression::Call(None, name, self.list(")")?),
                _ => Expression::Name(name),
            },
        })
    }

    fn map(&mut self) -> Result<Expression, String> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.takes(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(Expression::Map(entries))
    }
}
