//! `talos-pki config new`.

use std::path::Path;

use getrandom::SysRng;
use jiff::Timestamp;

use super::arguments::NewArguments;
use super::authorities::{self, IssuingAuthority};
use super::error::ClientError;
use super::renewal;
use crate::check::validity::{day, distance};
use crate::cli::output::Destination;
use crate::cli::output_folder::OutputFolder;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome, duration, progress};
use crate::cluster::CaSlot;
use crate::pki::{Certificate, Validity};
use crate::report::wrap;
use crate::source;
use crate::talos::{Context, Role, Talosconfig, client_certificate};

/// Most bytes of the name of a context. Talos writes longer ones in a form of their own.
const MAX_CONTEXT_NAME: usize = 128;

pub(super) fn run(
    arguments: &NewArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let existing = &arguments.existing;
    let renews = existing.replace || existing.if_expires_within.is_some();
    let changes = renews || existing.merge;
    if existing.if_expires_within >= Some(arguments.crt_ttl) {
        return Err(ClientError::ShortLived.into());
    }
    let force = changes || existing.force;
    let _folder = OutputFolder::of_file(&arguments.path)?;
    let destination = Destination::of(&arguments.path, force, &arguments.source.files())?;
    let config = if changes { read(&destination)? } else { None };
    let authority = authorities::read(&arguments.source, CaSlot::Os, now)?;
    let replaced = renews
        .then(|| replaced(arguments, config.as_ref()))
        .flatten();
    let known = replaced
        .as_deref()
        .and_then(|name| config.as_ref()?.context(name));
    let issuer = authority.pair.certificate();
    let roles = roles(arguments, issuer, replaced.as_deref().zip(known))?;
    let name = match replaced {
        Some(name) => name,
        None => context_name(arguments, &authority, &roles)?,
    };
    if name.is_empty() || name.len() > MAX_CONTEXT_NAME || name.chars().any(char::is_control) {
        let what = "the name of the context";
        return Err(ClientError::Characters { what }.into());
    }
    if let Some(within) = existing.if_expires_within {
        let judgement = renewal::Judgement {
            authority: issuer,
            contract: arguments.talos_version,
            now,
            roles: &roles,
            within,
        };
        match known.map_or(Ok("it is not there".to_owned()), |known| {
            judgement.due(known)
        }) {
            Ok(reason) if arguments.dry_run => {
                let due = format!("context `{name}`: {reason}");
                printer.words(&format!("{}\n", wrap("due        ", &due)));
                return Ok(Outcome::Done);
            }
            Ok(_) => {}
            Err(ends) => {
                let left = distance(now, ends);
                let ends = day(ends);
                printer.words(&format!(
                    "kept       context `{name}`: its certificate ends on {ends}, {left}\n"
                ));
                return Ok(if arguments.dry_run {
                    Outcome::Refused
                } else {
                    Outcome::Done
                });
            }
        }
    }
    let validity = Validity {
        not_before: now,
        not_after: now
            .checked_add(arguments.crt_ttl)
            .map_err(|_| ClientError::Lifetime)?,
    };
    let (certificate, key) = progress::during("generating the key", || {
        client_certificate(&authority.pair, &roles, validity, &mut SysRng)
    })
    .map_err(ClientError::from)?;
    let mut context = Context::new(issuer, &certificate, &key);
    context.set_endpoints(&arguments.endpoints);
    context.set_nodes(&arguments.nodes);
    let was_there = known.is_some();
    let (config, name) = combined(config, &name, context, renews, printer);
    destination.write(config.to_secret_yaml().expose().as_bytes(), printer)?;
    if let Some(warning) = authorities::warning(CaSlot::Os, issuer, validity) {
        printer.words(&warning);
    }
    let verb = if was_there { "renewed  " } else { "made     " };
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    let end = duration::end_in_words(validity);
    let made = format!("context `{name}` with {}, until {end}", names.join(", "));
    printer.words(&format!("{}\n", wrap(&format!("{verb}  "), &made)));
    if let Some(place) = destination.describe() {
        printer.words(&format!("wrote      {place}\n"));
    }
    Ok(Outcome::Done)
}

/// The talosconfig that is at `destination`, if one is.
fn read(destination: &Destination) -> Result<Option<Talosconfig>, ClientError> {
    let Destination::File { path, .. } = destination else {
        return Err(ClientError::StandardOutput);
    };
    if !path.exists() {
        return Ok(None);
    }
    read_talosconfig(path).map(Some)
}

/// Reads a talosconfig.
pub(super) fn read_talosconfig(path: &Path) -> Result<Talosconfig, ClientError> {
    let content = source::read_file(path)?;
    Talosconfig::read(&content.bytes).map_err(|problems| ClientError::Talosconfig {
        file: path.display().to_string(),
        problems,
    })
}

/// The name of the context to replace: the one asked for, or the current one.
fn replaced(arguments: &NewArguments, config: Option<&Talosconfig>) -> Option<String> {
    let current = || config.map(Talosconfig::current).map(str::to_owned);
    let name = arguments.context.clone().or_else(current);
    name.filter(|name| !name.is_empty())
}

/// The roles asked for, or those that the context has, or all.
fn roles(
    arguments: &NewArguments,
    issuer: &Certificate,
    known: Option<(&str, &Context)>,
) -> Result<Vec<Role>, ClientError> {
    let contract = arguments.talos_version;
    let mut roles = if !arguments.roles.is_empty() {
        let named = arguments.roles.iter();
        named
            .map(|name| Role::named(name, contract))
            .collect::<Result<Vec<_>, _>>()?
    } else if let Some((name, context)) = known {
        renewal::kept_roles(context, issuer, contract).map_err(|reason| ClientError::Roles {
            context: name.to_owned(),
            reason,
        })?
    } else {
        vec![Role::Admin]
    };
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// The name that was asked for, or Talos's own (`GenerateClientConfiguration` in machined).
fn context_name(
    arguments: &NewArguments,
    authority: &IssuingAuthority,
    roles: &[Role],
) -> Result<String, ClientError> {
    if let Some(name) = &arguments.context {
        return Ok(name.clone());
    }
    let configured = authority.clients.as_ref();
    let configured = configured.and_then(|clients| clients.name.as_ref());
    let cluster =
        arguments
            .name
            .as_ref()
            .or(configured)
            .ok_or_else(|| ClientError::NameMissing {
                file: authority.file.clone(),
            })?;
    Ok(match roles {
        [role] => format!("{}@{cluster}", role.name().trim_start_matches("os:")),
        _ => cluster.clone(),
    })
}

/// The talosconfig to write, and the name of the context in it.
fn combined(
    config: Option<Talosconfig>,
    name: &str,
    context: Context,
    replaces: bool,
    printer: &mut Printer,
) -> (Talosconfig, String) {
    let Some(mut config) = config else {
        return (Talosconfig::new(name, context), name.to_owned());
    };
    if replaces {
        config.replace(name, context);
        return (config, name.to_owned());
    }
    let renames = config.merge(Talosconfig::new(name, context));
    for rename in &renames {
        printer.words(&format!(
            "renamed    `{}` is there already: the new context is `{}`\n",
            rename.from, rename.to
        ));
    }
    let name = config.current().to_owned();
    (config, name)
}
