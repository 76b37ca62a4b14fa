"""One sound document of every kind that Talos reads, with a value in nearly every field.

They are what `refusals.py` damages. `$CA`, `$CERT` and `$KEY` stand for PEM.
"""

_LINK = {
    "up": True, "mtu": 9000,
    "addresses": [{"address": "10.0.0.2/24", "routePriority": 100}],
    "routes": [{
        "destination": "10.1.0.0/16", "gateway": "10.0.0.1", "source": "10.0.0.2", "metric": 10,
        "mtu": 1500, "table": "main",
    }],
    "multicast": True,
}  # fmt: skip
_HARDWARE = {"hardwareAddr": "2e:3c:4d:5e:6f:70"}
_DISK = {"diskSelector": {"match": "disk.transport == 'nvme' && !system_disk"}}
_MEMBERS = {"volumeSelector": {"match": "disk.size > 10u * GiB"}}
_SIZES = {"grow": False, "minSize": "10GiB", "maxSize": "20GiB"}
_ENCRYPTION = {
    "provider": "luks2",
    "keys": [
        {"slot": 0, "static": {"passphrase": "protects nothing"}},
        {"slot": 1, "kms": {"endpoint": "https://kms.example.org:4050"}},
        {
            "slot": 2,
            "tpm": {"options": {"pcrs": [0, 7]}, "checkSecurebootStatusOnEnroll": True},
        },
        {"slot": 3, "nodeID": {}},
    ],
    "cipher": "aes-xts-plain64", "keySize": 512, "blockSize": 4096, "options": ["no_read_workqueue"],
}  # fmt: skip
_TRIM = {"trim": {"enabled": True, "interval": "168h"}}
_SCRUB = {"scrub": {"enabled": True, "interval": "168h"}}
_RESOURCES = {
    "resources": {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    },
}
_WIREGUARD_KEY = "S2V5cyBmb3IgdGVzdHMgcHJvdGVjdCBub3RoaW5nISE="

#: By kind. Several of a kind have something behind it, after a blank.
DOCUMENTS = {
    "BGPInstanceConfig": {
        "name": "fabric", "vrf": "", "localASN": 65001, "routerID": "10.0.0.1",
        "routeSource": "10.0.0.1", "advertise": ["lo"], "multipath": True, "maxPaths": 4,
        "installRoutes": True,
        "importRoutes": [{"bgpInstance": "other", "prefixes": ["10.2.0.0/16", "10.3.0.0/16"]}],
        "neighbors": [
            {
                "address": "10.0.0.254", "peerASN": 65000, "localASN": 65002, "passive": False,
                "holdTime": "9s",
                "bfd": {
                    "transmitInterval": "300ms", "receiveInterval": "300ms", "detectMultiplier": 3,
                },
            },
            {"link": "eth0"},
        ],
    },
    "BlackholeRouteConfig": {"name": "10.9.0.0/16", "metric": 10},
    "BondConfig": {
        "name": "bond0", "links": ["eth0", "eth1"], "bondMode": "802.3ad", "miimon": 100,
        "updelay": 200, "downdelay": 200, "useCarrier": True, "xmitHashPolicy": "layer3+4",
        "arpInterval": 0, "arpIpTargets": ["10.0.0.1"], "nsIp6Targets": ["fd00::1"],
        "arpValidate": "none", "arpAllTargets": "any", "lacpRate": "fast", "failOverMac": "none",
        "adSelect": "stable", "adActorSysPrio": 65535, "adUserPortKey": 0, "adLACPActive": "on",
        "primaryReselect": "always", "resendIGMP": 1, "minLinks": 1, "lpInterval": 1,
        "packetsPerSlave": 1, "numPeerNotif": 1, "tlbLogicalLb": 1, "allSlavesActive": 0,
        "peerNotifDelay": 0, "missedMax": 2, **_HARDWARE, **_LINK,
    },
    "BridgeConfig": {
        "name": "br0", "links": ["eth0"], "stp": {"enabled": True}, "vlan": {"filtering": False},
        **_HARDWARE, **_LINK,
    },
    "CRIBaseRuntimeSpecConfig": {
        "overrides": {"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}]}},
    },
    "CRICustomizationConfig": {"name": "metrics", "content": "[metrics]\n  address = '0.0.0.0:11234'\n"},
    "ContainerConfig": {
        "name": "agent", "image": "registry.example.org/agent:v1", "entrypoint": ["/agent"],
        "args": ["--quiet"], "workingDir": "/", "runAs": {"uid": 1000, "gid": 1000},
        "environment": ["LEVEL=info"],
        "mounts": [
            {"userVolume": {"name": "data", "destination": "/data", "options": ["ro"]}},
            {"tmpfs": {"destination": "/tmp", "size": "10MB", "options": ["noexec"]}},
            {"hostPath": {"source": "/run", "destination": "/run", "options": ["rw", "rshared"]}},
        ],
        "security": {
            "profile": "restricted", "machinedAccess": False,
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        },
        "network": {"mode": "host"},
        "resources": {"limits": {"cpu": "500m", "memory": "100MB"}},
        "dependsOn": {"paths": ["/run/ready"], "networks": ["addresses"], "time": True},
    },
    "DHCPv4Config": {
        "name": "eth0", "routeMetric": 1024, "ignoreHostname": False, "ignoreRoutes": False,
        "clientIdentifier": "duid", "duidRaw": "00:01:00:01:23:45:67:89:ab:cd:ef:01:23:45",
    },
    "DHCPv6Config": {
        "name": "eth0", "routeMetric": 1024, "ignoreHostname": False,
        "clientIdentifier": "duid", "duidRaw": "00:01:00:01:23:45:67:89:ab:cd:ef:01:23:45",
    },
    "DiscoveryIdentityConfig": {"clusterID": _WIREGUARD_KEY, "clusterSecret": _WIREGUARD_KEY},
    "DiscoveryServiceConfig": {"name": "own", "endpoint": "https://discovery.example.org/"},
    "DummyLinkConfig": {"name": "dummy0", **_HARDWARE, **_LINK},
    "EnvironmentConfig": {"variables": {"HTTP_PROXY": "http://proxy.example.org"}},
    "EtcFileConfig": {"name": "motd", "mode": 0o644, "contents": "hello"},
    "EthernetConfig": {
        "name": "eth0", "features": {"tx-checksum-ip-generic": False},
        "rings": {
            "rx": 512, "tx": 512, "rx-mini": 1, "rx-jumbo": 1, "rx-buf-len": 1, "cqe-size": 1,
            "tx-push": True, "rx-push": True, "tx-push-buf-len": 1, "tcp-data-split": True,
        },
        "channels": {"rx": 1, "tx": 1, "other": 1, "combined": 1}, "wakeOnLan": ["magic"],
    },
    "EventSinkConfig": {"endpoint": "10.0.0.3:8080"},
    "ExistingVolumeConfig": {
        "name": "old", "discovery": {"volumeSelector": {"match": "volume.partition_label == 'OLD'"}},
        "mount": {"readOnly": True, "disableAccessTime": True, "secure": True}, **_TRIM, **_SCRUB,
    },
    "ExistingVolumeConfig as of 1.13": {
        "name": "old", "discovery": {"volumeSelector": {"match": "volume.partition_label == 'OLD'"}},
        "mount": {"readOnly": True, "disableAccessTime": True, "secure": True},
    },
    "ExtensionServiceConfig": {
        "name": "agent", "configFiles": [{"content": "x", "mountPath": "/etc/agent"}],
        "environment": ["LEVEL=info"],
    },
    "ExternalVolumeConfig": {
        "name": "shared", "filesystemType": "virtiofs",
        "mount": {
            "readOnly": True, "disableAccessTime": True, "secure": True,
            "virtiofs": {"tag": "Data"},
        },
    },
    "FilesystemScrubConfig": {"interval": "168h"},
    "FilesystemTrimConfig": {"interval": "168h"},
    "HCloudVIPConfig": {"name": "10.0.0.9", "link": "eth0", "apiToken": "protects nothing"},
    "HTTPProbeConfig": {
        "name": "proxy", "interval": "1s", "failureThreshold": 3,
        "url": "https://proxy.example.org/health", "timeout": "10s",
    },
    "HostnameConfig": {"auto": "off", "hostname": "node-1.example.org"},
    "ImageCacheConfig": {"local": {"enabled": True}},
    "ImageVerificationConfig": {
        "rules": [
            {
                "image": "registry.example.org/*",
                "keyless": {"issuer": "https://accounts.example.org", "subject": "me@example.org"},
            },
            {
                "image": "keyed.example.org/*",
                "publicKey": {"certificate": "-----BEGIN CERTIFICATE-----"},
            },
            {"image": "skipped.example.org/*", "skip": True},
            {"image": "denied.example.org/*", "deny": True},
        ],
    },
    "KernelModuleConfig": {"name": "btrfs", "parameters": ["a=b"]},
    "KmsgLogConfig": {"name": "logs", "url": "tcp://10.0.0.9:514"},
    "KubeAPIServerCAConfig": {"issuingCA": {"cert": "$CERT", "key": "$KEY"}, "acceptedCAs": ["$CA"]},
    "KubeAPIServerConfig": {
        "image": "registry.k8s.io/kube-apiserver:v1.37.0",
        "extraArgs": {"v": "2", "feature-gates": ["A=true"]}, "env": {"A": "b"}, **_RESOURCES,
        "apiPort": 6443, "certExtraSANs": ["api.example.org"], "startupProbes": True,
    },
    "KubeAdmissionControlConfig": {
        "name": "PodSecurity",
        "configuration": {"apiVersion": "pod-security.admission.config.k8s.io/v1"},
    },
    "KubeAggregatorCAConfig": {"issuingCA": {"cert": "$CERT", "key": "$KEY"}, "acceptedCAs": ["$CA"]},
    "KubeAuditPolicyConfig": {"configuration": {"apiVersion": "audit.k8s.io/v1", "kind": "Policy"}},
    "KubeAuthenticationConfig": {
        "configuration": {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "A"},
    },
    "KubeAuthorizerConfig": {
        "name": "hook", "type": "Webhook", "webhook": {"timeout": "3s", "failurePolicy": "Deny"},
    },
    "KubeClusterConfig": {"clusterName": "prod", "endpoint": "https://10.0.0.1:6443"},
    "KubeControllerManagerConfig": {
        "enabled": True, "image": "registry.k8s.io/kube-controller-manager:v1.37.0",
        "extraArgs": {"v": "2"}, "env": {"A": "b"}, **_RESOURCES,
    },
    "KubeCoreDNSConfig": {"enabled": True, "image": "registry.k8s.io/coredns/coredns:v1.14.0"},
    "KubeCredentialProviderConfig": {
        "configuration": {"apiVersion": "kubelet.config.k8s.io/v1", "kind": "C"},
    },
    "KubeEtcdEncryptionConfig": {
        "config": {"resources": [{
            "resources": ["secrets"],
            "providers": [
                {"secretbox": {"keys": [{"name": "key2", "secret": _WIREGUARD_KEY}]}},
                {"identity": {}},
            ],
        }]},
    },
    "KubeExternalManifestConfig": {
        "name": "cni", "url": "https://example.org/cni.yaml", "headers": {"A": "b"},
    },
    "KubeFlannelCNIConfig": {
        "backendType": "vxlan", "backendPort": 4789, "backendMTU": 1450,
        "backendExtraConfig": {"DirectRouting": True}, **_RESOURCES, "extraArgs": ["--v=2"],
        "kubeNetworkPoliciesEnabled": False,
    },
    "KubeInlineManifestConfig": {"name": "namespace-ci", "manifest": "kind: Namespace"},
    "KubeNetworkConfig": {
        "dnsDomain": "cluster.local", "podSubnets": ["10.244.0.0/16", "fd00:1::/56"],
        "serviceSubnets": ["10.96.0.0/12", "fd00:2::/112"], "nodeCIDRMaskSizeIPv4": 24,
        "nodeCIDRMaskSizeIPv6": 64,
    },
    "KubeNodeConfig": {
        "skipNodeRegistration": False, "registerWithFQDN": False,
        "nodeIP": {"validSubnets": ["10.0.0.0/8", "!10.0.0.9"]},
        "labels": {"node-role.kubernetes.io/control-plane": "", "example.org/rack": "a-1"},
        "annotations": {"example.org/note": "any text: works"},
        "taints": {"node-role.kubernetes.io/control-plane": "NoSchedule", "a": "b:NoExecute"},
    },
    "KubePrismConfig": {"port": 7445, "tlsServerName": "api.example.org"},
    "KubeProxyConfig": {
        "enabled": True, "image": "registry.k8s.io/kube-proxy:v1.37.0", "mode": "nftables",
        "config": {"conntrack": {"min": 1}}, **_RESOURCES,
    },
    "KubeSchedulerConfig": {
        "enabled": True, "image": "registry.k8s.io/kube-scheduler:v1.37.0",
        "config": {"parallelism": 4}, "extraArgs": {"v": "2"}, "env": {"A": "b"}, **_RESOURCES,
    },
    "KubeServiceAccountConfig": {
        "issuer": {"privateKey": "$KEY", "issuerURL": "https://10.0.0.1:6443"},
        "accepted": {"issuers": ["https://old.example.org"], "audiences": ["a"]},
    },
    "KubeSpanConfig": {
        "enabled": False, "advertiseKubernetesNetworks": False, "allowDownPeerBypass": False,
        "harvestExtraEndpoints": False, "mtu": 1420,
        "filters": {
            "endpoints": ["0.0.0.0/0", "!10.0.0.0/8"], "excludeAdvertisedNetworks": ["10.5.0.0/16"],
        },
    },
    "KubeSpanEndpointsConfig": {"extraAnnouncedEndpoints": ["203.0.113.1:51820", "[fd00::1]:51820"]},
    "KubeStaticPodConfig": {"name": "nginx", "pod": {"apiVersion": "v1", "kind": "Pod"}},
    "KubeTalosAPIAccessConfig": {
        "allowedRoles": ["os:reader"], "allowedKubernetesNamespaces": ["kube-system"],
    },
    "KubeletConfig": {
        "image": "ghcr.io/siderolabs/kubelet:v1.37.0", "config": {"maxPods": 200},
        "extraArgs": {"v": "2"}, "clusterDNS": ["10.96.0.10"],
        "defaultRuntimeSeccompProfileEnabled": True,
    },
    "LVMLogicalVolumeConfig": {
        "name": "data", "type": "raid10", "mirrors": 1, "stripes": 2,
        "provisioning": {"volumeGroup": "vg0", "minSize": "10GiB", "maxSize": "20GiB"},
    },
    "LVMVolumeGroupConfig": {"name": "vg0", "provisioning": _MEMBERS},
    "Layer2VIPConfig": {"name": "10.0.0.9", "link": "eth0"},
    "LinkAliasConfig": {
        "name": "net0", "selector": {"match": "mac(link.permanent_addr) == '2e:3c:4d:5e:6f:70'"},
    },
    "LinkConfig": {"name": "eth5", **_LINK},
    "NetworkDefaultActionConfig": {"ingress": "block"},
    "NetworkRuleConfig": {
        "name": "apid", "portSelector": {"ports": [50000, "50010-50020"], "protocol": "tcp"},
        "ingress": [{"subnet": "10.0.0.0/8", "except": "10.0.9.0/24"}],
    },
    "OOMConfig": {
        "triggerExpression": "memory_full_avg10 > 12.0 && time_since_trigger > duration('500ms')",
        "cgroupRankingExpression": "memory_max.hasValue() ? 0.0 : double(memory_current.orValue(0u))",
        "strictCgroupClassOrdering": True, "sampleInterval": "100ms",
    },
    "PCIDriverRebindConfig": {"name": "0000:04:00.00", "targetDriver": "vfio-pci"},
    "RAIDArrayConfig": {
        "name": "md0", "level": "raid1", "metadata": "1.2", "provisioning": _MEMBERS,
    },
    "RawVolumeConfig": {
        "name": "ceph", "provisioning": {**_DISK, **_SIZES}, "encryption": _ENCRYPTION,
    },
    "RegistryAuthConfig": {"name": "registry.example.org", "username": "a", "password": "b"},
    "RegistryMirrorConfig": {
        "name": "docker.io", "skipFallback": True,
        "endpoints": [{"url": "https://mirror.example.org/v2/", "overridePath": True}],
    },
    "RegistryTLSConfig": {
        "name": "registry.example.org", "clientIdentity": {"cert": "$CERT", "key": "$KEY"},
        "ca": "$CA", "insecureSkipVerify": False,
    },
    "ResolverConfig": {
        "nameservers": [
            {"address": "10.0.0.53", "protocol": "Do53"},
            {"address": "10.0.0.54", "protocol": "DoT", "tlsServerName": "dns.example.org"},
            {"address": "10.0.0.55"},
        ],
        "searchDomains": {"domains": ["example.org"], "disableDefault": True},
        "hostDNS": {"enabled": True, "forwardKubeDNSToHost": True, "resolveMemberNames": True},
    },
    "ResolverConfig as of 1.13": {
        "nameservers": [{"address": "10.0.0.53"}],
        "searchDomains": {"domains": ["example.org"], "disableDefault": True},
    },
    "RoutingRuleConfig": {
        "name": "1000", "src": "10.0.0.0/8", "dst": "10.1.0.0/16", "table": "100",
        "action": "unicast", "iifName": "eth0", "oifName": "eth1", "fwMark": 16, "fwMask": 255,
    },
    "SecurityProfileConfig": {"workloadIsolation": True},
    "SideroLinkConfig": {"apiUrl": "https://siderolink.example.org/?jointoken=a", "uniqueToken": "b"},
    "StaticHostConfig": {"name": "10.0.0.9", "hostnames": ["a.example.org"]},
    "SwapVolumeConfig": {
        "name": "swap", "provisioning": {**_DISK, **_SIZES}, "encryption": _ENCRYPTION,
    },
    "SysctlConfig": {"params": {"net.ipv4.ip_forward": "1"}},
    "SysfsConfig": {"params": {"module.drbd.parameters.usermode_helper": "disabled"}},
    "TCPProbeConfig": {
        "name": "proxy", "interval": "1s", "failureThreshold": 3,
        "endpoint": "proxy.example.org:3128", "timeout": "10s",
    },
    "TimeSyncConfig": {
        "enabled": True, "bootTimeout": "2m", "ntp": {"servers": ["time.example.org"], "useNTS": True},
    },
    "TimeSyncConfig as of 1.13": {
        "enabled": True, "bootTimeout": "2m", "ntp": {"servers": ["time.example.org", "10.0.0.4"]},
    },
    "TrustedRootsConfig": {"name": "own", "certificates": "$CA"},
    "UdevRulesConfig": {"rules": ["SUBSYSTEM==\"drm\", MODE=\"0660\""]},
    "UnattendedInstallConfig": {
        "reboot": True, "installer": {"image": "ghcr.io/siderolabs/installer:v1.14.1"},
        "provisioning": {**_DISK, "wipe": False},
    },
    "UserVolumeConfig": {
        "name": "data", "volumeType": "partition", "provisioning": {**_DISK, **_SIZES},
        "filesystem": {
            "type": "xfs", "projectQuotaSupport": True, "xfs": {"minAllocationGroupSize": "4GiB"},
        },
        "encryption": {**_ENCRYPTION, "allowDiscards": True},
        "mount": {"disableAccessTime": True, "secure": True}, **_TRIM, **_SCRUB,
    },
    "UserVolumeConfig as of 1.13": {
        "name": "data", "volumeType": "disk", "provisioning": _DISK,
        "filesystem": {"type": "ext4"}, "encryption": _ENCRYPTION,
        "mount": {"disableAccessTime": True, "secure": True},
    },
    "UserVolumeConfig directory": {
        "name": "data", "volumeType": "directory",
    },
    "VLANConfig": {"name": "vlan.5", "vlanID": 5, "vlanMode": "802.1q", "parent": "eth0", **_LINK},
    "VRFConfig": {"name": "vrf0", "links": ["eth0"], "table": "123", **_HARDWARE, **_LINK},
    "VethConfig": {"name": "veth0", **_LINK, "peer": {"name": "veth1", **_LINK}},
    "VolumeConfig": {
        "name": "EPHEMERAL", "provisioning": {**_DISK, **_SIZES}, "encryption": _ENCRYPTION,
        "filesystem": {"xfs": {"minAllocationGroupSize": "4GiB"}},
        "mount": {"secure": True, "disableAccessTime": True}, **_TRIM, **_SCRUB,
    },
    "VolumeConfig as of 1.13": {
        "name": "EPHEMERAL", "provisioning": {**_DISK, **_SIZES}, "encryption": _ENCRYPTION,
        "mount": {"secure": True},
    },
    "VolumeConfig of the state": {"name": "STATE", "encryption": _ENCRYPTION},
    "VolumeConfig of etcd": {
        "name": "ETCD", "provisioning": {**_DISK, **_SIZES}, "mount": {"secure": True},
    },
    "WatchdogTimerConfig": {"device": "/dev/watchdog0", "timeout": "3m"},
    "WireguardConfig": {
        "name": "wg0", "privateKey": _WIREGUARD_KEY, "listenPort": 51820, "firewallMark": 1,
        "peers": [{
            "publicKey": _WIREGUARD_KEY, "presharedKey": _WIREGUARD_KEY,
            "endpoint": "10.0.0.9:51820", "persistentKeepaliveInterval": "25s",
            "allowedIPs": ["10.8.0.0/16"],
        }],
        **_LINK,
    },
    "ZswapConfig": {"maxPoolPercent": 25, "shrinkerEnabled": True},
}  # fmt: skip

#: What stands beside trust in the main document of a control plane, in the form of 1.13.
_INTERFACE = {
    "addresses": ["10.0.0.2/24", "fd00::2"],
    "routes": [{
        "network": "10.1.0.0/16", "gateway": "10.0.0.1", "source": "10.0.0.2", "metric": 10,
        "mtu": 1500,
    }],
    "mtu": 1500, "dhcp": False,
    "dhcpOptions": {"routeMetric": 100, "ipv4": True, "ipv6": False, "duidv6": "00:01"},
}  # fmt: skip
_VIP = {"vip": {"ip": "10.0.0.9", "hcloud": {"apiToken": "protects nothing"}}}
_MAP_IDS = [{"containerID": 0, "hostID": 1000, "size": 1}]
_POD = {
    "image": "registry.k8s.io/x:v1.36.0", "extraArgs": {"v": "2"},
    "extraVolumes": [{"hostPath": "/a", "mountPath": "/b", "readonly": True}], "env": {"A": "b"},
    **_RESOURCES,
}  # fmt: skip
MAIN = {
    "machine": {
        "certSANs": ["a.example.org"],
        "controlPlane": {"controllerManager": {"disabled": False}, "scheduler": {"disabled": False}},
        "kubelet": {
            "image": "ghcr.io/siderolabs/kubelet:v1.36.0", "clusterDNS": ["10.96.0.10"],
            "extraArgs": {"v": "2"}, "extraConfig": {"maxPods": 200},
            "extraMounts": [{
                "destination": "/a", "type": "bind", "source": "/a", "options": ["rbind"],
                "uidMappings": _MAP_IDS, "gidMappings": _MAP_IDS,
            }],
            "credentialProviderConfig": {"kind": "C"}, "defaultRuntimeSeccompProfileEnabled": True,
            "registerWithFQDN": True, "nodeIP": {"validSubnets": ["10.0.0.0/8", "!10.0.0.9"]},
            "skipNodeRegistration": False, "disableManifestsDirectory": True,
        },
        "pods": [{"apiVersion": "v1", "kind": "Pod"}],
        "network": {
            "hostname": "node-1", "nameservers": ["10.0.0.53"], "searchDomains": ["example.org"],
            "disableSearchDomain": False,
            "interfaces": [
                {"interface": "eth0", **_INTERFACE, **_VIP},
                {
                    "interface": "bond0",
                    "bond": {
                        "interfaces": ["eth1", "eth2"], "mode": "802.3ad", "xmitHashPolicy": "layer3+4",
                        "lacpRate": "fast", "adSelect": "stable", "miimon": 100, "updelay": 200,
                        "downdelay": 200, "primaryReselect": "always", "failOverMac": "none",
                        "arpAllTargets": "any", "resendIgmp": 1, "minLinks": 1, "lpInterval": 1,
                        "packetsPerSlave": 1, "numPeerNotif": 1, "allSlavesActive": 0,
                        "useCarrier": True, "adActorSysPrio": 1, "adUserPortKey": 1,
                        "peerNotifyDelay": 1,
                    },
                    "vlans": [{"vlanId": 100, **_INTERFACE, **_VIP}],
                },
                {
                    "interface": "br0",
                    "bridge": {
                        "interfaces": ["eth3"], "stp": {"enabled": True},
                        "vlan": {"vlanFiltering": False},
                    },
                },
                {"interface": "eth4", "bridgePort": {"master": "br0"}},
                {
                    "interface": "bond1", "bond": {
                        "deviceSelectors": [{"driver": "virtio"}], "mode": "active-backup",
                        "primary": "eth9", "arpInterval": 10, "arpValidate": "active",
                    },
                },
                {
                    "deviceSelector": {
                        "busPath": "00:*", "hardwareAddr": "*:f0:ab", "permanentAddr": "*:f0:ab",
                        "pciID": "1d0f:ec20", "driver": "virtio", "physical": True,
                    },
                    "dhcp": True,
                },
                {
                    "interface": "wg0", "wireguard": {
                        "privateKey": _WIREGUARD_KEY, "listenPort": 51820, "firewallMark": 1,
                        "peers": [{
                            "publicKey": _WIREGUARD_KEY, "endpoint": "10.0.0.9:51820",
                            "persistentKeepaliveInterval": "25s", "allowedIPs": ["10.8.0.0/16"],
                        }],
                    },
                },
                {"interface": "dummy0", "dummy": True},
                {"interface": "eth9", "ignore": True},
            ],
            "extraHostEntries": [{"ip": "10.0.0.9", "aliases": ["a"]}],
            "kubespan": {
                "enabled": True, "advertiseKubernetesNetworks": False, "allowDownPeerBypass": True,
                "harvestExtraEndpoints": False, "mtu": 1420,
                "filters": {
                    "endpoints": ["0.0.0.0/0", "!10.0.0.0/8"],
                    "excludeAdvertisedNetworks": ["10.5.0.0/16"],
                },
            },
        },
        "disks": [{
            "device": "/dev/sdb",
            "partitions": [{"size": "10GB", "mountpoint": "/var/a"}, {"mountpoint": "/var/b"}],
        }],
        "install": {
            "disk": "/dev/sda", "image": "ghcr.io/siderolabs/installer:v1.13.9",
            "diskSelector": {
                "size": ">= 10GB", "model": "M*", "serial": "S", "modalias": "m", "uuid": "u",
                "wwid": "w", "type": "ssd", "busPath": "/pci*",
            },
            "extraKernelArgs": ["quiet"], "wipe": False, "legacyBIOSSupport": False,
            "grubUseUKICmdline": False, "extensions": [{"image": "ghcr.io/siderolabs/gvisor:1"}],
        },
        "files": [{"content": "a", "permissions": 0o644, "path": "/var/a", "op": "create"}],
        "env": {"A": "b"},
        "time": {"disabled": False, "servers": ["time.example.org"], "bootTimeout": "2m"},
        "sysctls": {"net.ipv4.ip_forward": "1"}, "sysfs": {"a.b": "c"},
        "registries": {
            "mirrors": {"docker.io": {
                "endpoints": ["https://mirror.example.org"], "overridePath": True, "skipFallback": True,
            }},
            "config": {"mirror.example.org": {
                "tls": {"insecureSkipVerify": True, "ca": "$CA64"},
                "auth": {"username": "a", "password": "b"},
            }},
        },
        "systemDiskEncryption": {
            "state": {
                "provider": "luks2", "cipher": "aes-xts-plain64", "keySize": 512, "blockSize": 4096,
                "keys": [{"nodeID": {}, "slot": 0}, {"static": {"passphrase": "x"}, "slot": 1}],
            },
            "ephemeral": {"provider": "luks2", "keys": [{"kms": {"endpoint": "https://kms"}, "slot": 0}]},
        },
        "features": {
            "rbac": True, "apidCheckExtKeyUsage": True, "diskQuotaSupport": True,
            "stableHostname": True,
            "kubernetesTalosAPIAccess": {
                "enabled": True, "allowedRoles": ["os:reader"],
                "allowedKubernetesNamespaces": ["kube-system"],
            },
            "kubePrism": {"enabled": True, "port": 7445},
            "hostDNS": {"enabled": True, "forwardKubeDNSToHost": True, "resolveMemberNames": True},
            "imageCache": {"localEnabled": True}, "nodeAddressSortAlgorithm": "v2",
        },
        "udev": {"rules": ["SUBSYSTEM==\"drm\""]},
        "logging": {"destinations": [{
            "endpoint": "tcp://10.0.0.9:514", "format": "json_lines", "extraTags": {"a": "b"},
        }]},
        "kernel": {"modules": [{"name": "btrfs", "parameters": ["a=b"]}]},
        "seccompProfiles": [{"name": "a.json", "value": {"defaultAction": "SCMP_ACT_LOG"}}],
        "baseRuntimeSpecOverrides": {"process": {"rlimits": []}},
        "nodeLabels": {"example.org/rack": "a-1"}, "nodeAnnotations": {"example.org/note": "any: text"},
        "nodeTaints": {"a": "b:NoExecute"},
    },
    "cluster": {
        "controlPlane": {"endpoint": "https://10.0.0.1:6443", "localAPIServerPort": 6443},
        "clusterName": "prod",
        "network": {
            "cni": {
                "name": "flannel",
                "flannel": {"extraArgs": ["--v=2"], "kubeNetworkPoliciesEnabled": False},
            },
            "dnsDomain": "cluster.local", "podSubnets": ["10.244.0.0/16"],
            "serviceSubnets": ["10.96.0.0/12"],
        },
        "apiServer": {
            **_POD, "certSANs": ["a.example.org"],
            "admissionControl": [{"name": "PodSecurity", "configuration": {"kind": "A"}}],
            "auditPolicy": {"kind": "Policy"},
            "authorizationConfig": [
                {"type": "Node", "name": "node"},
                {"type": "Webhook", "name": "hook", "webhook": {"timeout": "3s"}},
            ],
        },
        "controllerManager": _POD, "scheduler": {**_POD, "config": {"parallelism": 4}},
        "proxy": {
            "disabled": False, "image": "registry.k8s.io/kube-proxy:v1.36.0", "mode": "ipvs",
            "extraArgs": {"v": "2"},
        },
        "discovery": {
            "enabled": True,
            "registries": {
                "kubernetes": {"disabled": True},
                "service": {"disabled": False, "endpoint": "https://discovery.example.org/"},
            },
        },
        "etcd": {
            "image": "registry.k8s.io/etcd:v3.6.0", "extraArgs": {"election-timeout": "5000"},
            "advertisedSubnets": ["10.0.0.0/8"], "listenSubnets": ["10.0.0.0/8", "!10.0.0.9"],
        },
        "coreDNS": {"disabled": False, "image": "registry.k8s.io/coredns/coredns:v1.12.0"},
        "externalCloudProvider": {"enabled": True, "manifests": ["https://example.org/ccm.yaml"]},
        "extraManifests": ["https://example.org/a.yaml"], "extraManifestHeaders": {"A": "b"},
        "inlineManifests": [{"name": "a", "contents": "kind: Namespace"}],
        "adminKubeconfig": {"certLifetime": "8760h"}, "allowSchedulingOnControlPlanes": False,
    },
}  # fmt: skip
