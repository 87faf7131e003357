package conformance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/metrics/pkg/apis/custom_metrics/v1beta1"
	"k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	"k8s.io/metrics/pkg/client/custom_metrics"
	"k8s.io/metrics/pkg/client/external_metrics"
	"k8s.io/utils/ptr"
)

const (
	limitMetric    = "kpod_mem_limit_bytes"
	switchesMetric = "kpod_cpu_context_switches_per_second"
	latencyMetric  = "kpod_cpu_runqueue_latency_seconds"
)

var (
	podKind  = schema.GroupKind{Kind: "Pod"}
	nodeKind = schema.GroupKind{Kind: "Node"}
	all      = labels.Everything()
)

// autoscaler is how kube-controller-manager configures the HPA controller's clients: its ServiceAccount, protobuf preferred.
func autoscaler() *rest.Config {
	account := as("system:serviceaccount:kube-system:horizontal-pod-autoscaler", "system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated")
	account.ContentType = "application/vnd.kubernetes.protobuf"
	return account
}

func mapper(t *testing.T) meta.RESTMapper {
	return restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discoverer(t, false)))
}

// clients are the HPA controller's, which takes the preferred version, and one of each version.
func clients(t *testing.T) map[string]custom_metrics.CustomMetricsClient {
	t.Helper()
	all := map[string]custom_metrics.CustomMetricsClient{
		"the HPA controller's": custom_metrics.NewForConfig(autoscaler(), mapper(t), custom_metrics.NewAvailableAPIsGetter(discoverer(t, false))),
	}
	for _, version := range []schema.GroupVersion{v1beta1.SchemeGroupVersion, v1beta2.SchemeGroupVersion} {
		client, err := custom_metrics.NewForVersionForConfig(autoscaler(), mapper(t), version)
		if err != nil {
			t.Fatal(err)
		}
		all[version.Version] = client
	}
	return all
}

// measuredFor waits until the server has heard of the pods for so long: a window is only as long as what is known.
func measuredFor(t *testing.T, length time.Duration) {
	t.Helper()
	eventually(t, length+soon, func() string {
		list, err := client.Resource(pods).Namespace(namespace).List(t.Context(), steadyOnly)
		if err != nil {
			return err.Error()
		}
		for _, pod := range list.Items {
			text, _, _ := unstructured.NestedString(pod.Object, "window")
			if window, err := time.ParseDuration(text); err != nil || window < length {
				return fmt.Sprintf("%s has a window of %q", pod.GetName(), text)
			}
		}
		return ""
	})
}

func TestCustomMetrics(t *testing.T) {
	measuredFor(t, 30*time.Second)
	known := truth(t)
	for name, client := range clients(t) {
		t.Run(name, func(t *testing.T) {
			in := client.NamespacedMetrics(namespace)
			t.Run("pods of a selector have each its own value", func(t *testing.T) {
				list, err := in.GetForObjects(podKind, steady(), limitMetric, all)
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, item := range list.Items {
					found = append(found, item.DescribedObject.Name)
					checkValue(t, item, "Pod", limitMetric, limit)
				}
				slices.Sort(found)
				if !slices.Equal(found, namesOf(known)) {
					t.Errorf("pods %v, expected %v", found, namesOf(known))
				}
			})
			t.Run("pods of a selector that chooses none are no error and no value", func(t *testing.T) {
				list, err := in.GetForObjects(podKind, labels.SelectorFromSet(labels.Set{"app": "none"}), limitMetric, all)
				if err != nil || len(list.Items) != 0 {
					t.Errorf("%v %v", list, err)
				}
			})
			t.Run("one object has one value: of a pod its own, of others the sum", func(t *testing.T) {
				one := namesOf(known)[0]
				for _, object := range []struct {
					kind  schema.GroupKind
					name  string
					value int64
				}{
					{podKind, one, limit},
					{schema.GroupKind{Group: "apps", Kind: "Deployment"}, app, replicas * limit},
					{schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, owner(t), replicas * limit},
					{schema.GroupKind{Kind: "Service"}, app, replicas * limit},
				} {
					value, err := in.GetForObject(object.kind, object.name, limitMetric, all)
					if err != nil {
						t.Errorf("%s: %v", object.kind, err)
						continue
					}
					checkValue(t, *value, object.kind.Kind, limitMetric, object.value)
					if value.DescribedObject.Name != object.name {
						t.Errorf("%s: described object %v", object.kind, value.DescribedObject)
					}
				}
			})
			t.Run("root-scoped: the namespace, and every node", func(t *testing.T) {
				value, err := client.RootScopedMetrics().GetForObject(schema.GroupKind{Kind: "Namespace"}, namespace, limitMetric, all)
				if err != nil {
					t.Fatal(err)
				}
				checkValue(t, *value, "Namespace", limitMetric, replicas*limit)
				list, err := client.RootScopedMetrics().GetForObjects(nodeKind, all, switchesMetric, all)
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, item := range list.Items {
					found = append(found, item.DescribedObject.Name)
					one, err := client.RootScopedMetrics().GetForObject(nodeKind, item.DescribedObject.Name, switchesMetric, all)
					if err != nil || one.DescribedObject.Kind != "Node" || one.Value.Sign() <= 0 {
						t.Errorf("%v %v", one, err)
					}
				}
				slices.Sort(found)
				if wanted := nodeNames(t); !slices.Equal(found, wanted) {
					t.Errorf("nodes %v, expected %v", found, wanted)
				}
			})
			t.Run("a metric's selector chooses stat, window and container", func(t *testing.T) {
				chosen := labels.SelectorFromSet(labels.Set{"stat": "p99", "window": "30s", "container": "wakes"})
				value, err := in.GetForObject(schema.GroupKind{Group: "apps", Kind: "Deployment"}, app, latencyMetric, chosen)
				if err != nil {
					t.Fatal(err)
				}
				if value.WindowSeconds == nil || *value.WindowSeconds != 30 {
					t.Errorf("window of %d s", ptr.Deref(value.WindowSeconds, 0))
				}
				nano := value.Value.ScaledValue(resource.Nano)
				if nano <= 0 || nano > int64(10*time.Second) {
					t.Errorf("p99 of the run-queue latency: %s s", value.Value.String())
				}
				elsewhere := labels.SelectorFromSet(labels.Set{"container": "another"})
				if value, err := in.GetForObject(podKind, namesOf(known)[0], limitMetric, elsewhere); !apierrors.IsBadRequest(err) {
					t.Errorf("a container that is not there: %v %v", value, err)
				}
			})
			t.Run("what can't be told is an error, never a zero", func(t *testing.T) {
				if _, err := in.GetForObjects(podKind, steady(), "kpod_no_such_metric", all); !apierrors.IsNotFound(err) {
					t.Errorf("an unknown metric: %v", err)
				}
				if _, err := in.GetForObject(podKind, "nobody", limitMetric, all); !apierrors.IsNotFound(err) {
					t.Errorf("an unknown pod: %v", err)
				}
				if _, err := in.GetForObject(schema.GroupKind{Group: "apps", Kind: "Deployment"}, "nobody", limitMetric, all); !apierrors.IsNotFound(err) {
					t.Errorf("an unknown Deployment: %v", err)
				}
				if _, err := in.GetForObjects(podKind, steady(), limitMetric, labels.SelectorFromSet(labels.Set{"sta": "p99"})); !apierrors.IsBadRequest(err) {
					t.Errorf("an unknown key of a metric's selector: %v", err)
				}
			})
		})
	}
	t.Run("the HPA's client takes v1beta2", func(t *testing.T) {
		preferred, err := custom_metrics.NewAvailableAPIsGetter(discoverer(t, false)).PreferredVersion()
		if err != nil || preferred != v1beta2.SchemeGroupVersion {
			t.Errorf("%v %v", preferred, err)
		}
	})
	t.Run("a user without rights is forbidden", func(t *testing.T) {
		client := custom_metrics.NewForConfig(nobody(), mapper(t), custom_metrics.NewAvailableAPIsGetter(discoverer(t, false)))
		if _, err := client.NamespacedMetrics(namespace).GetForObjects(podKind, steady(), limitMetric, all); !apierrors.IsForbidden(err) {
			t.Error(err)
		}
	})
}

// checkValue of one of the pods that stay, or of what they add up to.
func checkValue(t *testing.T, item v1beta2.MetricValue, kind, metric string, value int64) {
	t.Helper()
	if item.DescribedObject.Kind != kind || item.Metric.Name != metric {
		t.Errorf("%s of %s, expected %s of %s", item.Metric.Name, item.DescribedObject.Kind, metric, kind)
	}
	if kind != "Namespace" && item.DescribedObject.Namespace != namespace {
		t.Errorf("%s in namespace %q", kind, item.DescribedObject.Namespace)
	}
	if item.Value.Value() != value {
		t.Errorf("%s %s: %s, the pods' limits are %d", kind, item.DescribedObject.Name, item.Value.String(), value)
	}
	if age := time.Since(item.Timestamp.Time); age < -time.Second || age > time.Minute {
		t.Errorf("%s %s: timestamp %s", kind, item.DescribedObject.Name, item.Timestamp)
	}
}

func TestExternalMetrics(t *testing.T) {
	client, err := external_metrics.NewForConfig(autoscaler())
	if err != nil {
		t.Fatal(err)
	}
	in := client.NamespacedMetrics(namespace)
	t.Run("one value for all pods of the selector", func(t *testing.T) {
		list, err := in.List(limitMetric, steady())
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) != 1 {
			t.Fatalf("%d items", len(list.Items))
		}
		item := list.Items[0]
		if item.Value.Value() != replicas*limit || item.MetricName != limitMetric || item.MetricLabels["app"] != app || time.Since(item.Timestamp.Time) > time.Minute {
			t.Errorf("%+v", item)
		}
	})
	t.Run("keys under kpod.io/ choose the value", func(t *testing.T) {
		list, err := in.List(latencyMetric, labels.SelectorFromSet(labels.Set{"app": app, "kpod.io/stat": "p50", "kpod.io/window": "30s"}))
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) != 1 {
			t.Fatalf("%d items", len(list.Items))
		}
		if list.Items[0].WindowSeconds == nil || *list.Items[0].WindowSeconds != 30 || list.Items[0].Value.Sign() <= 0 {
			t.Errorf("%+v, window of %d s", list.Items, ptr.Deref(list.Items[0].WindowSeconds, 0))
		}
	})
	t.Run("what can't be told is an error, never a zero", func(t *testing.T) {
		if list, err := in.List("kpod_no_such_metric", steady()); !apierrors.IsNotFound(err) {
			t.Errorf("an unknown metric: %v %v", list, err)
		}
		if list, err := in.List(limitMetric, labels.SelectorFromSet(labels.Set{"app": "none"})); !apierrors.IsNotFound(err) {
			t.Errorf("no pod: %v %v", list, err)
		}
		if list, err := in.List(latencyMetric, labels.SelectorFromSet(labels.Set{"kpod.io/stat": "p42"})); !apierrors.IsBadRequest(err) {
			t.Errorf("an unknown stat: %v %v", list, err)
		}
	})
	t.Run("a user without rights is forbidden", func(t *testing.T) {
		client, err := external_metrics.NewForConfig(nobody())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.NamespacedMetrics(namespace).List(limitMetric, steady()); !apierrors.IsForbidden(err) {
			t.Error(err)
		}
	})
}

// TestRates has the value of a client between two readings of the API's own object: where both are of the same sample, it is theirs.
func TestRates(t *testing.T) {
	hpa := clients(t)["the HPA controller's"].NamespacedMetrics(namespace)
	name := namesOf(truth(t))[0]
	rate := func() (string, resource.Quantity) {
		pod, err := client.Resource(pods).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		timestamp, _, _ := unstructured.NestedString(pod.Object, "timestamp")
		text, _, _ := unstructured.NestedString(pod.Object, "total", "cpu", "contextSwitches", "rate")
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			t.Fatalf("rate %q: %v", text, err)
		}
		return timestamp, quantity
	}
	eventually(t, 20*time.Second, func() string {
		before, first := rate()
		value, err := hpa.GetForObject(podKind, name, switchesMetric, all)
		if err != nil {
			t.Fatal(err)
		}
		after, second := rate()
		if before != after || first.Cmp(second) != 0 {
			return "the samples before and after differ"
		}
		if value.Value.Cmp(first) != 0 {
			return "the HPA has " + value.Value.String() + ", the object " + first.String()
		}
		if value.Value.Value() < 15 { // it wakes 20 times a second
			return "only " + value.Value.String() + " context switches a second"
		}
		return ""
	})
}

func owner(t *testing.T) string {
	t.Helper()
	list, err := core.AppsV1().ReplicaSets(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%d ReplicaSets: %v", len(list.Items), err)
	}
	return list.Items[0].Name
}

func nodeNames(t *testing.T) []string {
	t.Helper()
	list, err := core.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, node := range list.Items {
		if slices.ContainsFunc(node.Status.Conditions, func(condition corev1.NodeCondition) bool {
			return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
		}) {
			names = append(names, node.Name)
		}
	}
	slices.Sort(names)
	return names
}
