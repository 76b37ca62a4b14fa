# Certificates of the right CA that speak for somebody else.

defect admin-without-group 'the client certificate in `admin.conf` has no O, only CN=kubernetes-admin'
fails name:admin
defect_admin_without_group() {
    sign_kubeconfig admin pki/ca --subject /CN=kubernetes-admin
}

# kubeadm 1.36 gives this certificate no group at all, and binds its name to a
# role; up to 1.35 its group was kubeadm:cluster-admins or system:masters.
defect kubelet-client-with-another-group '`apiserver-kubelet-client.crt` has O=example:readers'
fails name:apiserver-kubelet-client
defect_kubelet_client_with_another_group() {
    sign_leaf apiserver-kubelet-client pki/ca \
        --subject /O=example:readers/CN=kube-apiserver-kubelet-client
}

defect node-with-another-name-prefix 'the client certificate in `kubelet.conf` has CN=cp-1, without system:node:'
fails name:kubelet
defect_node_with_another_name_prefix() {
    sign_kubeconfig kubelet pki/ca --subject /O=system:nodes/CN=cp-1
}

defect node-with-another-group 'the client certificate in `kubelet.conf` has O=example:nodes, not system:nodes'
fails name:kubelet
defect_node_with_another_group() {
    sign_kubeconfig kubelet pki/ca --subject /O=example:nodes/CN=system:node:cp-1
}

defect controller-manager-with-another-name 'the client certificate in `controller-manager.conf` has CN=example:controller-manager'
fails name:controller-manager
defect_controller_manager_with_another_name() {
    sign_kubeconfig controller-manager pki/ca --subject /CN=example:controller-manager
}

defect front-proxy-client-with-another-name '`front-proxy-client.crt` has CN=example-aggregator'
fails name:front-proxy-client
defect_front_proxy_client_with_another_name() {
    sign_leaf front-proxy-client pki/front-proxy-ca --subject /CN=example-aggregator
}

defect server-certificate-without-server-usage 'the extended key usage of `apiserver.crt` is clientAuth only'
fails usage:apiserver
defect_server_certificate_without_server_usage() {
    sign_leaf apiserver pki/ca --form apiserver_without_server_usage
}
