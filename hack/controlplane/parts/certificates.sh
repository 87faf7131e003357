# shellcheck shell=bash
# The cluster's certificates and kubeconfigs, new for each start.

ec_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256)

# authority NAME
authority() {
  openssl req -x509 "${ec_key[@]}" -days 30 -keyout "$1.key" -out "$1.crt" -subj "/CN=$1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

# certificate AUTHORITY NAME SUBJECT USAGE [NAMES]
certificate() {
  openssl req "${ec_key[@]}" -keyout "$2.key" -out "$2.csr" -subj "$3" 2>/dev/null
  {
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"
  } >"$2.ext"
  openssl x509 -req -in "$2.csr" -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days 30 -sha256 -extfile "$2.ext" -out "$2.crt" 2>/dev/null
  rm "$2.csr" "$2.ext"
}

# kubeconfig USER: for the user's certificate of the same name
kubeconfig() {
  cat <<K
apiVersion: v1
kind: Config
clusters: [{name: kpod, cluster: {server: "https://127.0.0.1:443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: kpod, context: {cluster: kpod, user: $1}}]
current-context: kpod
K
}

certificates() {
  local user
  authority ca
  authority front-proxy-ca
  certificate ca apiserver /CN=kube-apiserver serverAuth \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$node_ip,IP:$api_address"
  certificate ca admin /O=system:masters/CN=admin clientAuth
  certificate ca controllers /CN=system:kube-controller-manager clientAuth
  certificate ca scheduler /CN=system:kube-scheduler clientAuth
  certificate ca kubelet "/O=system:nodes/CN=system:node:$node" clientAuth
  certificate ca kubelet-server "/O=system:nodes/CN=system:node:$node" serverAuth "DNS:$node,IP:$node_ip"
  certificate ca kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  certificate front-proxy-ca front-proxy-client /CN=front-proxy-client clientAuth
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out sa.key 2>/dev/null
  openssl pkey -in sa.key -pubout -out sa.pub
  for user in admin controllers scheduler kubelet; do kubeconfig "$user" >"$user.kubeconfig"; done
  cp admin.kubeconfig "$state/kubeconfig"
  chmod 600 ./*.key ./*.kubeconfig "$state/kubeconfig"
}
