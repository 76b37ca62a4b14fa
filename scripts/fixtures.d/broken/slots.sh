# A sound CA in the wrong place, and certificates that another CA has signed.

# swap NAME NAME: the certificates and keys of two CAs.
swap() {
    local ending
    for ending in crt key; do
        mv "pki/$1.$ending" "$scratch/swapped"
        mv "pki/$2.$ending" "pki/$1.$ending"
        mv "$scratch/swapped" "pki/$2.$ending"
    done
}

# use_kubernetes_ca_as NAME: in the place of another CA.
use_kubernetes_ca_as() {
    cp pki/ca.crt "pki/$1.crt"
    cp pki/ca.key "pki/$1.key"
}

defect swapped-kubernetes-and-etcd 'the files of the Kubernetes CA and of the etcd CA are swapped'
fails name:ca name:etcd/ca \
    "${signed_by_kubernetes[@]}" "${signed_by_etcd[@]}" "${trust_of_kubeconfigs[@]}"
defect_swapped_kubernetes_and_etcd() {
    swap ca etcd/ca
}

defect swapped-kubernetes-and-aggregator 'the files of the Kubernetes CA and of the aggregator CA are swapped'
fails name:ca name:front-proxy-ca signed:front-proxy-client \
    "${signed_by_kubernetes[@]}" "${trust_of_kubeconfigs[@]}"
defect_swapped_kubernetes_and_aggregator() {
    swap ca front-proxy-ca
}

defect one-ca-in-two-slots 'the aggregator CA is the Kubernetes CA, which has signed `front-proxy-client.crt`'
fails distinct name:front-proxy-ca
defect_one_ca_in_two_slots() {
    use_kubernetes_ca_as front-proxy-ca
    sign_for_aggregator pki/ca
}

defect one-ca-in-all-slots 'the etcd CA and the aggregator CA are the Kubernetes CA, which has signed everything'
fails distinct name:etcd/ca name:front-proxy-ca
defect_one_ca_in_all_slots() {
    use_kubernetes_ca_as front-proxy-ca
    use_kubernetes_ca_as etcd/ca
    sign_for_aggregator pki/ca
    sign_for_etcd pki/ca
}

defect one-key-in-two-cas 'the etcd CA is a certificate of its own over the key of the Kubernetes CA'
fails distinct
defect_one_key_in_two_cas() {
    cp pki/ca.key pki/etcd/ca.key
    self_signed pki/etcd/ca
    sign_for_etcd pki/etcd/ca
}

defect service-account-key-is-ca-key '`sa.key` is the key of the Kubernetes CA'
fails distinct
defect_service_account_key_is_ca_key() {
    cp pki/ca.key pki/sa.key
    openssl pkey -in pki/sa.key -pubout -out pki/sa.pub
}

# leaf_of_another LEAF CA: the other CA has the name of the right one.
leaf_of_another() {
    foreign_ca "$2"
    sign_leaf "$1" "$foreign"
}

defect apiserver-of-another-ca '`apiserver.crt` is signed by a foreign CA with the name of the Kubernetes CA'
fails signed:apiserver
defect_apiserver_of_another_ca() {
    leaf_of_another apiserver ca
}

defect apiserver-kubelet-client-of-another-ca '`apiserver-kubelet-client.crt` is signed by a foreign CA with the name of the Kubernetes CA'
fails signed:apiserver-kubelet-client
defect_apiserver_kubelet_client_of_another_ca() {
    leaf_of_another apiserver-kubelet-client ca
}

defect apiserver-etcd-client-of-another-ca '`apiserver-etcd-client.crt` is signed by a foreign CA with the name of the etcd CA'
fails signed:apiserver-etcd-client
defect_apiserver_etcd_client_of_another_ca() {
    leaf_of_another apiserver-etcd-client etcd/ca
}

defect etcd-server-of-another-ca '`etcd/server.crt` is signed by a foreign CA with the name of the etcd CA'
fails signed:etcd/server
defect_etcd_server_of_another_ca() {
    leaf_of_another etcd/server etcd/ca
}

defect etcd-peer-of-another-ca '`etcd/peer.crt` is signed by a foreign CA with the name of the etcd CA'
fails signed:etcd/peer
defect_etcd_peer_of_another_ca() {
    leaf_of_another etcd/peer etcd/ca
}

defect front-proxy-client-of-another-ca '`front-proxy-client.crt` is signed by a foreign CA with the name of the aggregator CA'
fails signed:front-proxy-client
defect_front_proxy_client_of_another_ca() {
    leaf_of_another front-proxy-client front-proxy-ca
}

defect every-leaf-of-another-ca 'the cluster runs on a foreign CA with the name of the Kubernetes CA: that one has signed the leaves and the client certificates in the kubeconfigs, and these trust it'
fails "${signed_by_kubernetes[@]}" "${trust_of_kubeconfigs[@]}"
defect_every_leaf_of_another_ca() {
    foreign_ca ca
    sign_for_kubernetes "$foreign"
    trust_in_kubeconfigs "$foreign.crt"
}

defect kubeconfig-of-another-ca 'the client certificate in `scheduler.conf` is signed by a foreign CA with the name of the Kubernetes CA'
fails signed:scheduler
defect_kubeconfig_of_another_ca() {
    foreign_ca ca
    sign_kubeconfig scheduler "$foreign"
}

defect kubeconfig-trusts-another-ca '`admin.conf` trusts a foreign CA with the name of the Kubernetes CA'
fails trust:admin
defect_kubeconfig_trusts_another_ca() {
    foreign_ca ca
    into_kubeconfig admin certificate-authority-data "$foreign.crt"
}
