//! Command lines: words, the program among them, and its flags.

use super::{Component, Flag};

/// The words of a text, as a shell and systemd part them: by blanks, with quotes, and with `\`
/// before what stands for itself. A `\` at the end of a line joins it with the next.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some('\''), inside) => word.get_or_insert_default().push(inside),
            (_, '\\') => match characters.next() {
                Some('\n') | None => {}
                Some('\r') => drop(characters.next_if_eq(&'\n')),
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            (Some(_), inside) => word.get_or_insert_default().push(inside),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (None, plain) => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    words
}

/// The component that a command line runs, with its flags. Something else may stand before the
/// program, such as the program that keeps its log.
pub(super) fn component(command: &[String]) -> Option<(Component, Vec<Flag>)> {
    let script = script(command);
    let command = script.as_deref().unwrap_or(command);
    let mut programs = command.iter().enumerate();
    let found = programs.find_map(|(index, word)| Some((index, Component::named(program(word))?)));
    let (index, component) = found?;
    let arguments = command[index + 1..].iter();
    let arguments = arguments.take_while(|word| !is_shell_operator(word));
    Some((component, flags(&arguments.cloned().collect::<Vec<_>>())))
}

/// The words of a script that a shell is given, as in `/bin/sh -c "exec kube-apiserver --v=2"`.
fn script(command: &[String]) -> Option<Vec<String>> {
    match command {
        [shell, option, script, ..] if program(shell).ends_with("sh") && option == "-c" => {
            Some(words(script))
        }
        _ => None,
    }
}

fn is_shell_operator(word: &str) -> bool {
    word.contains(['>', '|', ';', '&']) && !word.starts_with('-')
}

/// The name of a program, without its folder.
pub(super) fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

/// `word` as kubelet gives it to a container: `$(NAME)` is the value of that variable if it is known, and
/// `$$` is `$` (`Expand` in `third_party/forked/golang/expansion` of Kubernetes).
pub(super) fn expanded(word: &str, variables: &[(String, Option<String>)]) -> String {
    let value = |wanted: &str| {
        let mut variables = variables.iter().rev();
        let (_, value) = variables.find(|(name, _)| name == wanted)?;
        value.as_deref()
    };
    let mut expanded = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let reference = after.strip_prefix('(').and_then(|it| it.split_once(')'));
        let known = reference.and_then(|(name, behind)| Some((value(name)?, behind)));
        rest = if let Some((value, behind)) = known {
            expanded.push_str(value);
            behind
        } else {
            expanded.push('$');
            after.strip_prefix('$').unwrap_or(after)
        };
    }
    expanded + rest
}

/// The flags among words, as `--name=value`, `--name value` or `--name`.
pub(super) fn flags(words: &[String]) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        if let Some((name, value)) = flag.split_once('=') {
            flags.push(Flag::new(name, value));
        } else {
            let value = words.next_if(|next| !next.starts_with('-')).cloned();
            flags.push(Flag::new(flag, value.unwrap_or_else(|| "true".to_owned())));
        }
    }
    flags
}
