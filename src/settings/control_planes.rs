//! The control planes of a cluster, as far as anything that was read names them.

use std::net::IpAddr;

use super::{Component, ProcessSource, Settings};

/// A control plane that is known by its name, its address, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlPlaneNode<'a> {
    /// The name of its node.
    pub name: Option<&'a str>,
    /// The address at which its API server is reached.
    pub address: Option<&'a str>,
}

impl ControlPlaneNode<'_> {
    /// Whether `host` is its IP address.
    #[must_use]
    pub fn is_at(&self, host: &str) -> bool {
        let address = |text: &str| text.parse::<IpAddr>().ok();
        let wanted = address(host);
        wanted.is_some() && self.address.and_then(address) == wanted
    }
}

impl Settings {
    /// Every control plane that is known: those that were read, then the members of etcd that they
    /// name, then what the cluster told of its nodes.
    #[must_use]
    pub fn control_planes(&self) -> Vec<ControlPlaneNode<'_>> {
        let read = || std::iter::once(self).chain(&self.others);
        let mut known: Vec<ControlPlaneNode<'_>> = Vec::new();
        for node in read()
            .map(Self::own_node)
            .chain(read().flat_map(Self::members))
        {
            add(&mut known, node);
        }
        for node in self.nodes.iter().filter(|node| node.is_control_plane) {
            add(
                &mut known,
                ControlPlaneNode {
                    name: Some(&node.name),
                    address: node.address.as_deref(),
                },
            );
        }
        known
    }

    /// Whether `host` is the IP address of one control plane, and so goes with it. A name does not: it
    /// can lead elsewhere.
    #[must_use]
    pub fn has_node_at(&self, host: &str) -> bool {
        let mut planes = self.control_planes().into_iter();
        planes.any(|plane| plane.is_at(host))
    }

    /// Whether the cluster told of its nodes, and of none that was read: by its name or its address. Only
    /// where static pods run is etcd called as its node.
    #[must_use]
    pub fn misses_own_node(&self) -> bool {
        let is_told = |own: ControlPlaneNode<'_>| {
            self.nodes.iter().any(|node| {
                own.name == Some(node.name.as_str())
                    || node
                        .address
                        .as_deref()
                        .is_some_and(|address| own.is_at(address))
            })
        };
        let process = self.component(Component::Etcd);
        let is_known = process.is_some_and(|process| process.source == ProcessSource::StaticPod);
        let mut read = std::iter::once(self).chain(&self.others);
        is_known && !self.nodes.is_empty() && !read.any(|node| is_told(node.own_node()))
    }

    fn own_node(&self) -> ControlPlaneNode<'_> {
        let flag = |component, name| self.component(component)?.flag(name);
        ControlPlaneNode {
            name: flag(Component::Etcd, "name"),
            address: flag(Component::ApiServer, "advertise-address"),
        }
    }

    /// The members in etcd's `--initial-cluster`, such as `cp-1=https://192.0.2.10:2380`.
    fn members(&self) -> Vec<ControlPlaneNode<'_>> {
        let process = self.component(Component::Etcd);
        let members = process.and_then(|process| process.flag("initial-cluster"));
        let members = members.unwrap_or_default().split(',');
        let members = members.filter_map(|member| {
            let (name, url) = member.split_once('=')?;
            Some(ControlPlaneNode {
                name: Some(name),
                address: host_of(url),
            })
        });
        members.collect()
    }
}

/// Adds a node, or to one that is known the half that was missing.
fn add<'a>(known: &mut Vec<ControlPlaneNode<'a>>, node: ControlPlaneNode<'a>) {
    let is_same = |one: &&mut ControlPlaneNode<'_>| {
        let has_same_name = one.name.is_some() && one.name == node.name;
        let has_same_address = one.address.is_some() && one.address == node.address;
        has_same_name || has_same_address
    };
    if let Some(one) = known.iter_mut().find(is_same) {
        one.name = one.name.or(node.name);
        one.address = one.address.or(node.address);
    } else if node.name.or(node.address).is_some() {
        known.push(node);
    }
}

/// The host in `https://HOST:PORT`, without the brackets of an IPv6 address.
fn host_of(url: &str) -> Option<&str> {
    let (_, authority) = url.split_once("://")?;
    let (host, _) = authority.rsplit_once(':')?;
    Some(host.trim_matches(['[', ']']))
}
