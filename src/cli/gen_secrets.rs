//! `talos-pki gen secrets`.

use std::path::Path;

use getrandom::SysRng;

use super::arguments::{BundleFormat, SecretsArguments};
use super::earlier::{ANY_BUNDLE, BUNDLE, EarlierRun, JSON_BUNDLE};
use super::fleet::{self, Reading, Settings, Task, Work};
use super::output::Destination;
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, custom, progress, scan};
use crate::check::{self, Approval, Context, Findings, Rule, TokenChoice};
use crate::cluster::Cluster;
use crate::convert::{self, BundleSettings, MadeBundle};
use crate::fleet::{Member, Summary};
use crate::layout;
use crate::pki::{IssueTime, Secret};
use crate::report;
use crate::source::{self, Location};
use crate::talos::encryption_configuration::bundle_key;
use crate::talos::{Bundle, ClusterName, ClusterNameError};

pub(super) fn run(
    arguments: &SecretsArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let recipe = Recipe::of(arguments)?;
    if let Some(fleet) = &arguments.fleet.fleet {
        return run_fleet(fleet, &recipe, printer);
    }
    let name = arguments.judgement.manifests.cluster.as_deref();
    let form = Form::of(arguments.format, "--cluster", name)?;
    let output_file = arguments.output_file.as_deref().unwrap_or_default();
    let destination = Destination::of(output_file, arguments.force, &arguments.files())?;
    let cluster = cluster(arguments)?;
    let findings = recipe.judge(&cluster);
    let shown = report::findings(&findings, arguments.judgement.notes);
    if !shown.is_empty() {
        printer.words(&format!("{shown}\n"));
    }
    recipe.tell_new_version(printer);
    let Some(approval) = findings.approval() else {
        printer.words(&format!("{}\n", report::refusal(&findings)));
        return Ok(Outcome::Refused);
    };
    let made = progress::during("generating keys", || recipe.make(&cluster, &approval, None))?;
    let data = form.to_secret_text(&made.bundle);
    destination.write(data.expose().as_bytes(), printer)?;
    printer.words(&report::bundle_made(&made, cluster.layout, &cluster.name));
    if cluster.layout.is_some() && cluster.talos.is_none() {
        printer.words(&report::keys_alone());
    }
    if let Some(place) = destination.describe() {
        printer.words(&format!("wrote      {place}\n"));
    }
    Ok(Outcome::Done)
}

fn run_fleet(
    path: &Path,
    recipe: &Recipe<'_>,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let arguments = recipe.arguments;
    let output = arguments.output_file.as_deref().map(Path::new);
    let output = output.filter(|output| *output != Path::new("-"));
    let output = output.ok_or_else(|| {
        let reason = "--fleet needs -o with a folder, in which each cluster gets one of its own";
        CommandError::Settings(reason.to_owned())
    })?;
    recipe.tell_new_version(printer);
    let task = Task {
        fleet: path,
        arguments: &arguments.fleet,
        judgement: &arguments.judgement,
        command: "gen secrets",
        closer_look: "talos-pki scan",
        settings: arguments.settings(),
        notebook: None,
        output: Some((output, arguments.force)),
        json: arguments.json,
    };
    let work = |member: &Member<'_>, tree, reading: &Reading| {
        let cluster = reading.cluster(tree)?;
        let findings = recipe.judge(&cluster);
        let summary = Summary::of(&cluster, &findings);
        let Some(approval) = findings.approval() else {
            return Ok(Work::refused(summary, &findings));
        };
        let form = Form::of(arguments.format, "its name", Some(&member.cluster()))?;
        let earlier = EarlierRun::in_folder(&output.join(member.name()), ANY_BUNDLE)?;
        let made = recipe.make(&cluster, &approval, earlier.as_ref())?;
        let files = vec![(form.file_name(), form.to_secret_text(&made.bundle))];
        Ok(Work::done(summary, files))
    };
    fleet::run(&task, work, printer)
}

/// What is asked of every bundle.
struct Recipe<'a> {
    arguments: &'a SecretsArguments,
    allowed: Vec<&'static Rule>,
    token: Option<&'a String>,
    issue_time: IssueTime,
}

impl<'a> Recipe<'a> {
    fn of(arguments: &'a SecretsArguments) -> Result<Self, CommandError> {
        let token = arguments.kubernetes_bootstrap_token.as_ref();
        Ok(Self {
            arguments,
            allowed: allowed_rules(&arguments.judgement.allow)?,
            // talosctl takes an empty token for none.
            token: token.filter(|token| !token.is_empty()),
            issue_time: arguments.beginning.issue_time(&arguments.judgement)?,
        })
    }

    fn tell_new_version(&self, printer: &mut Printer) {
        let contract = self.arguments.talos_version;
        if contract.is_newer_than_known() {
            printer.words(&format!(
                "warning: Talos {contract} is newer than this program knows; the bundle is that \
                 of the newest known\n\n"
            ));
        }
    }

    fn judge(&self, cluster: &Cluster) -> Findings {
        let talos = cluster.talos.as_ref();
        let kept = talos.is_some_and(|talos| talos.bootstrap_token.is_some());
        let choice = match self.token {
            Some(token) => TokenChoice::of_given(token),
            None if kept => TokenChoice::Kept,
            None => TokenChoice::Generated,
        };
        let context = Context {
            contract: self.arguments.talos_version,
            ..scan::context(&self.arguments.judgement, choice, true)
        };
        check::check(cluster, &context, &self.allowed)
    }

    /// Makes the bundle of `cluster`, with the keys of the `earlier` one that the cluster lacks.
    fn make(
        &self,
        cluster: &Cluster,
        approval: &Approval,
        earlier: Option<&EarlierRun>,
    ) -> Result<MadeBundle, CommandError> {
        let settings = BundleSettings {
            contract: self.arguments.talos_version,
            bootstrap_token: self.token.cloned().map(Secret::new),
            encryption: cluster
                .known_encryption()
                .and_then(|rules| bundle_key(rules, self.arguments.talos_version)),
            earlier: earlier.map(|run| run.made.clone()),
            issue_time: self.issue_time,
        };
        let made = convert::bundle(cluster, approval, &settings, &mut SysRng);
        made.map_err(|error| EarlierRun::refusal(earlier, error))
    }
}

impl SecretsArguments {
    /// Everything that is read.
    fn files(&self) -> Vec<&Path> {
        let sources = self.from_kubernetes_pki.iter().map(Path::new);
        let configuration = self.from_controlplane_config.iter();
        let sources = sources.chain(configuration.filter_map(Location::path));
        let files = self.custom.files().chain(self.judgement.files());
        sources.chain(files).collect()
    }

    /// The flags that decide what is in a bundle of a fleet.
    fn settings(&self) -> Settings {
        let Self {
            output_file: _,
            force: _,
            talos_version,
            from_kubernetes_pki: _,
            kubernetes_bootstrap_token,
            from_controlplane_config: _,
            format,
            json: _,
            beginning,
            fleet: _,
            custom: _,
            judgement,
        } = self;
        let mut settings = judgement.settings();
        settings.extend([
            beginning.setting(),
            ("talos-version", talos_version.to_string()),
            (
                "kubernetes-bootstrap-token",
                format!("{kubernetes_bootstrap_token:?}"),
            ),
            ("format", format!("{format:?}")),
        ]);
        settings
    }
}

/// What a bundle is written as.
enum Form {
    Yaml,
    Json,
    ClusterApiSecret(ClusterName),
    PlainSecret(Option<ClusterName>),
}

impl Form {
    /// The form for a cluster that `source` calls `name`.
    fn of(format: BundleFormat, source: &str, name: Option<&str>) -> Result<Self, CommandError> {
        let refused =
            |error: ClusterNameError| CommandError::Settings(format!("{source}: {error}"));
        let cluster = || name.map(str::parse).transpose().map_err(refused);
        match format {
            BundleFormat::Yaml => Ok(Self::Yaml),
            BundleFormat::Json => Ok(Self::Json),
            BundleFormat::CapiSecret => {
                let missing = "--format capi-secret needs --cluster with the name of the Cluster, of \
                               which that of the Secret is made";
                let missing = || CommandError::Settings(missing.to_owned());
                Ok(Self::ClusterApiSecret(cluster()?.ok_or_else(missing)?))
            }
            BundleFormat::KubernetesSecret => Ok(Self::PlainSecret(cluster()?)),
        }
    }

    fn file_name(&self) -> &'static str {
        match self {
            Self::Json => JSON_BUNDLE,
            Self::Yaml | Self::ClusterApiSecret(_) | Self::PlainSecret(_) => BUNDLE,
        }
    }

    fn to_secret_text(&self, bundle: &Bundle) -> Secret<String> {
        match self {
            Self::Yaml => bundle.to_secret_yaml(),
            Self::Json => bundle.to_secret_json(),
            Self::ClusterApiSecret(cluster) => bundle.to_secret_cluster_api_manifest(cluster),
            Self::PlainSecret(cluster) => bundle.to_secret_plain_manifest(cluster.as_ref()),
        }
    }
}

/// The cluster to write down: what is imported, with the single files in their slots.
fn cluster(arguments: &SecretsArguments) -> Result<Cluster, CommandError> {
    let mut cluster = if !arguments.from_kubernetes_pki.is_empty() {
        scan::read_cluster(&arguments.from_kubernetes_pki, &arguments.judgement)?
    } else if let Some(location) = &arguments.from_controlplane_config {
        layout::talos::read(&source::read_one(location)?)?
    } else {
        Cluster::default()
    };
    custom::set(&mut cluster, &arguments.custom, &arguments.judgement)?;
    Ok(cluster)
}
