# What the scripts of this folder share: how they talk, and which cluster they work on. Sourced, from the project's root.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { echo "$(basename "$0"): $*" >&2; exit 1; }
usage() { sed -n '2,/^set /{/^#/p}' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }

cluster_number=${CLUSTER_NUMBER:-0}
cluster_home=${CLUSTER_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/kvs-cluster$([ "$cluster_number" = 0 ] || echo "-$cluster_number")}
version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml)

# The store alone, as a process of this machine. Its home holds its data, its log and its process id.
build_store() {
  JAVA_HOME=$(dev/jdk); export JAVA_HOME
  ./mvnw -q -B -pl kvs-service package -Dmaven.test.skip -Dspotless.check.skip
}

is_running() { [ -f "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null; } # HOME

# Settings such as KVS_ENGINE come from the environment.
start_store() { # HOME PORT [OPTION of java...]
  local home=$1 port=$2; shift 2
  mkdir -p "$home"
  KVS_DATA_DIRECTORY=$home/data nohup "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "$@" \
    -jar "kvs-service/target/kvs-service-$version.jar" --server.port="$port" >>"$home/log" 2>&1 </dev/null &
  echo $! >"$home/pid"
  disown
  for _ in $(seq 120); do
    curl -sf "http://localhost:$port/readyz" >/dev/null && return
    is_running "$home" || break
    sleep 0.25
  done
  tail -n 5 "$home/log" >&2
  die "the store did not come up; its log is $home/log"
}

stop_store() { # HOME SIGNAL
  ! is_running "$1" || kill "-$2" "$(cat "$1/pid")"
  while is_running "$1"; do sleep 0.1; done
}

# Which cluster: the one that KUBECONFIG names, else kind where Docker runs, else our throwaway one.
# Sets cluster_kind (own, kind or given) and exports KUBECONFIG.
choose_cluster() {
  if [ -n "${KUBECONFIG:-}" ]; then
    cluster_kind=given
    [ "$KUBECONFIG" = "$cluster_home/kubeconfig" ] && cluster_kind=own
  elif command -v kind >/dev/null && docker info >/dev/null 2>&1; then
    cluster_kind=kind
    export KUBECONFIG=$PWD/target/kind.kubeconfig
  else
    cluster_kind=own
    export KUBECONFIG=$cluster_home/kubeconfig
  fi
  [ $cluster_kind != own ] || export PATH=$cluster_home/bin:$PATH
}

kind_cluster=kvs

start_cluster() {
  case $cluster_kind in
    own)
      CLUSTER_HOME=$cluster_home dev/cluster/cluster up ;;
    kind)
      if ! kind get clusters 2>/dev/null | grep -qx $kind_cluster; then
        mkdir -p target
        kind create cluster --name $kind_cluster --config dev/cluster/kind.yaml --wait 2m
        kubectl apply -f https://kind.sigs.k8s.io/examples/ingress/deploy-ingress-nginx.yaml
        kubectl wait -n ingress-nginx --for=condition=Available deployment/ingress-nginx-controller --timeout=5m
      fi ;;
    given)
      command -v kubectl >/dev/null || die "KUBECONFIG is set, but there is no kubectl on PATH"
      kubectl version >/dev/null 2>&1 || die "the cluster of KUBECONFIG=$KUBECONFIG does not answer: kubectl version" ;;
  esac
}

# Brings the images to where the cluster's nodes find them. A given cluster pulls them from IMAGE_REPOSITORY.
provide_images() {
  case $cluster_kind in
    own) dev/images; CLUSTER_HOME=$cluster_home dev/cluster/cluster load kvs-*/target/image.tar ;;
    kind) dev/images --base registry; for tar in kvs-*/target/image.tar; do kind load image-archive --name $kind_cluster "$tar"; done ;;
    given) [ -n "${IMAGE_REPOSITORY:-}" ] || die "set IMAGE_REPOSITORY to a registry folder that this cluster pulls from and you may push to (registry.example.com/team)"
      dev/images --base registry --push "$IMAGE_REPOSITORY" ;;
  esac
}

install_operator() {
  image_repository=ghcr.io/cloudraft
  [ $cluster_kind != given ] || image_repository=$IMAGE_REPOSITORY
  kubectl kustomize config | sed "s#ghcr.io/cloudraft/#$image_repository/#" | kubectl apply --server-side -f - >/dev/null
  kubectl rollout status -n kvs-system deployment/kvs-operator --timeout=3m >/dev/null \
    || { kubectl get pods -n kvs-system >&2; kubectl logs -n kvs-system deployment/kvs-operator --tail=20 >&2; die "the operator did not become ready"; }
}

# Where the Ingress controller listens: HOST:PORT
ingress_address() { # NAMESPACE NAME of an Ingress
  local found
  case $cluster_kind in
    own) found=10.77.$cluster_number.2 ;;
    kind) found=127.0.0.1 ;;
    given) found=${INGRESS_ADDRESS:-$(kubectl get ingress -n "$1" "$2" -o jsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}')} ;;
  esac
  [ -n "$found" ] || die "the Ingress has no address: set INGRESS_ADDRESS to where your Ingress controller listens (HOST or HOST:PORT)"
  case $found in *:*) echo "$found" ;; *) echo "$found:80" ;; esac
}
