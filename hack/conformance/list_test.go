package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"
)

var steadyOnly = metav1.ListOptions{LabelSelector: "app=" + app}

// uids are those of a list's items, in any order; the same twice is kept.
func uids(t *testing.T, list runtime.Object) []types.UID {
	t.Helper()
	items, err := meta.ExtractList(list)
	if err != nil {
		t.Fatal(err)
	}
	var found []types.UID
	for _, item := range items {
		accessor, err := meta.Accessor(item)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, accessor.GetUID())
	}
	slices.Sort(found)
	return found
}

func checkUIDs(t *testing.T, found []types.UID, wanted ...types.UID) {
	t.Helper()
	if slices.Sort(wanted); !slices.Equal(found, wanted) {
		t.Errorf("uids %v, expected %v", found, wanted)
	}
}

func TestDynamicClient(t *testing.T) {
	in := client.Resource(pods).Namespace(namespace)
	known := truth(t)
	t.Run("lists the core API's pods, with their uid, node, labels and workload", func(t *testing.T) {
		list, err := in.List(t.Context(), steadyOnly)
		if err != nil {
			t.Fatal(err)
		}
		checkUIDs(t, uids(t, list), slices.Collect(maps.Keys(known))...)
		for _, item := range list.Items {
			pod := known[item.GetUID()]
			node, _, _ := unstructured.NestedString(item.Object, "nodeName")
			workload, _, _ := unstructured.NestedStringMap(item.Object, "workload")
			if item.GetName() != pod.Name || node != pod.Spec.NodeName || !maps.Equal(item.GetLabels(), pod.Labels) ||
				!item.GetCreationTimestamp().Time.Equal(pod.CreationTimestamp.Time) || workload["kind"] != "Deployment" || workload["name"] != app {
				t.Errorf("%v, the core API has %s on %s with %v", item.Object, pod.Name, pod.Spec.NodeName, pod.Labels)
			}
			if memoryLimit(item) != limit {
				t.Errorf("memory limit %d", memoryLimit(item))
			}
			if item.GetResourceVersion() == "" || item.GroupVersionKind() != version.WithKind("PodKernelMetrics") {
				t.Errorf("%s %s", item.GroupVersionKind(), item.GetResourceVersion())
			}
		}
	})
	t.Run("a field selector is the server's", func(t *testing.T) {
		one := namesOf(known)[0]
		for selector, wanted := range map[string]int{
			"metadata.name=" + one: 1, "metadata.name!=" + one: replicas - 1, "metadata.namespace=elsewhere": 0,
			"spec.nodeName=" + nodeNames(t)[0]: replicas, "spec.nodeName=elsewhere": 0,
		} {
			list, err := in.List(t.Context(), metav1.ListOptions{LabelSelector: steadyOnly.LabelSelector, FieldSelector: selector})
			if err != nil || len(list.Items) != wanted {
				t.Errorf("%s: %d items, expected %d: %v", selector, len(list.Items), wanted, err)
			}
		}
	})
	t.Run("gets one, and it is the list's", func(t *testing.T) {
		for uid, pod := range known {
			item, err := in.Get(t.Context(), pod.Name, metav1.GetOptions{})
			if err != nil || item.GetUID() != uid {
				t.Errorf("%s: %v", pod.Name, err)
			}
		}
	})
	t.Run("the Deployment is one workload", func(t *testing.T) {
		workload, err := client.Resource(workloads).Namespace(namespace).Get(t.Context(), "deployment."+app, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		deployment, err := core.AppsV1().Deployments(namespace).Get(t.Context(), app, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if workload.GetUID() != deployment.UID {
			t.Errorf("uid %s, the Deployment's is %s", workload.GetUID(), deployment.UID)
		}
	})
	t.Run("the nodes are the core API's", func(t *testing.T) {
		list, err := client.Resource(nodes).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, item := range list.Items {
			names = append(names, item.GetName())
			node, err := core.CoreV1().Nodes().Get(t.Context(), item.GetName(), metav1.GetOptions{})
			if err != nil || node.UID != item.GetUID() {
				t.Errorf("node %s has uid %s: %v", item.GetName(), item.GetUID(), err)
			}
		}
		if wanted := nodeNames(t); !slices.Equal(names, wanted) {
			t.Errorf("nodes %v, expected %v", names, wanted)
		}
	})
	t.Run("a counter read by a client lies between two raw readings", func(t *testing.T) {
		name := namesOf(known)[0]
		total := func(object map[string]any) int64 {
			value, _, err := unstructured.NestedInt64(object, "total", "cpu", "contextSwitches", "total")
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		raw := func() int64 {
			body, err := core.CoreV1().RESTClient().Get().AbsPath("/apis", group, "v1beta1", "namespaces", namespace, "pods", name).DoRaw(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			object, _, err := unstructured.UnstructuredJSONScheme.Decode(body, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			return total(object.(*unstructured.Unstructured).Object)
		}
		before := raw()
		list, err := in.List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
		if err != nil || len(list.Items) != 1 {
			t.Fatal(err)
		}
		between, after := total(list.Items[0].Object), raw()
		if before <= 0 || between < before || after < between {
			t.Errorf("%d, %d, %d", before, between, after)
		}
	})
}

func TestPager(t *testing.T) {
	in := client.Resource(pods).Namespace(namespace)
	list := func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return in.List(ctx, options)
	}
	known := slices.Collect(maps.Keys(truth(t)))
	t.Run("pages of one have each pod once", func(t *testing.T) {
		var pages []int64
		each := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			page, err := in.List(ctx, options)
			if err == nil && page.GetRemainingItemCount() != nil {
				pages = append(pages, *page.GetRemainingItemCount())
			}
			return page, err
		})
		each.PageSize = 1
		found, _, err := each.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkUIDs(t, uids(t, found), known...)
		if wanted := []int64{3, 2, 1}; !slices.Equal(pages, wanted) {
			t.Errorf("remaining items %v, expected %v", pages, wanted)
		}
	})
	t.Run("EachListItem meets each pod once", func(t *testing.T) {
		each := pager.New(list)
		each.PageSize = 2
		var found []types.UID
		if err := each.EachListItem(t.Context(), steadyOnly, func(item runtime.Object) error {
			found = append(found, item.(*unstructured.Unstructured).GetUID())
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(found)
		checkUIDs(t, found, known...)
	})
	t.Run("a list whose token expires begins anew by itself", func(t *testing.T) {
		calls := 0
		expired := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			if calls++; options.Continue != "" {
				options.Continue = aged(t, options.Continue)
			}
			return in.List(ctx, options)
		})
		expired.PageSize = 1
		found, _, err := expired.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkUIDs(t, uids(t, found), known...)
		if calls != 3 { // the first page, the expired second, all
			t.Errorf("%d calls", calls)
		}
	})
	// The pages come from either replica, and what comes shortly after the first may be on a page of the other.
	t.Run("pages have all that was there at the first, whatever comes and goes", func(t *testing.T) {
		leaving := start(t, "a-leaving", map[string]string{"app": "leaving"})
		eventually(t, soon, func() string { return missing(t, in.Get, leaving.Name) })
		first, err := in.List(t.Context(), metav1.ListOptions{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		last, err := in.List(t.Context(), metav1.ListOptions{Limit: 4})
		if err != nil {
			t.Fatal(err)
		}
		remove(t, last.Items[3].GetName())
		coming := start(t, "z-coming", map[string]string{"app": "coming"})
		eventually(t, soon, func() string { return missing(t, in.Get, coming.Name) })
		rest, err := in.List(t.Context(), metav1.ListOptions{Limit: 10, Continue: first.GetContinue()})
		if err != nil {
			t.Fatal(err)
		}
		wanted := append(slices.Clone(known), leaving.UID)
		// z-coming, and the pod that the Deployment makes for the one that was removed
		cameLater := func(item unstructured.Unstructured) bool { return !slices.Contains(wanted, item.GetUID()) }
		first.Items = append(first.Items, slices.DeleteFunc(rest.Items, cameLater)...)
		checkUIDs(t, uids(t, first), wanted...)
		remove(t, coming.Name)
		remove(t, leaving.Name)
		// The Deployment replaces the one that was removed.
		eventually(t, soon, func() string {
			list, err := in.List(t.Context(), metav1.ListOptions{})
			if err != nil {
				return err.Error()
			}
			if found, wanted := uids(t, list), slices.Sorted(maps.Keys(truth(t))); !slices.Equal(found, wanted) {
				return fmt.Sprintf("uids %v, expected %v", found, wanted)
			}
			return ""
		})
	})
}

// aged is a token of the same place in a list that began long ago.
func aged(t *testing.T, token string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(text), "\n", 3)
	return base64.RawURLEncoding.EncodeToString([]byte(parts[0] + "\n1\n" + parts[2]))
}

// missing says why a pod can't be had yet.
func missing(t *testing.T, get func(context.Context, string, metav1.GetOptions, ...string) (*unstructured.Unstructured, error), name string) string {
	if _, err := get(t.Context(), name, metav1.GetOptions{}); err != nil {
		return err.Error()
	}
	return ""
}

func TestMetadataClient(t *testing.T) {
	only, err := metadata.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	in := only.Resource(pods).Namespace(namespace)
	known := truth(t)
	list, err := in.List(t.Context(), steadyOnly)
	if err != nil {
		t.Fatal(err)
	}
	checkUIDs(t, uids(t, list), slices.Collect(maps.Keys(known))...)
	for _, item := range list.Items {
		if pod := known[item.UID]; item.Name != pod.Name || !maps.Equal(item.Labels, pod.Labels) || item.Kind != "PartialObjectMetadata" {
			t.Errorf("%+v", item)
		}
	}
	one, err := in.Get(t.Context(), list.Items[0].Name, metav1.GetOptions{})
	if err != nil || one.UID != list.Items[0].UID {
		t.Errorf("%v %v", one, err)
	}
}

// strictly decodes as kubectl's and the controllers' decoders do, and a field that the Go type lacks is an error.
func strictly(t *testing.T, resource schema.GroupVersionResource, accept string, parameters map[string]string) runtime.Object {
	t.Helper()
	known := runtime.NewScheme()
	if err := metav1.AddMetaToScheme(known); err != nil {
		t.Fatal(err)
	}
	codecs := serializer.NewCodecFactory(known, serializer.EnableStrict)
	copied := rest.CopyConfig(config)
	copied.GroupVersion = &version
	copied.APIPath = "/apis"
	copied.NegotiatedSerializer = codecs.WithoutConversion()
	asking, err := rest.RESTClientFor(copied)
	if err != nil {
		t.Fatal(err)
	}
	request := asking.Get().NamespaceIfScoped(namespace, resource != nodes).Resource(resource.Resource).SetHeader("Accept", accept)
	for name, value := range parameters {
		request = request.Param(name, value)
	}
	body, err := request.DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	object, _, err := codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return object
}

func TestTable(t *testing.T) {
	accept := "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
	for _, resource := range []schema.GroupVersionResource{pods, workloads, nodes} {
		t.Run(resource.Resource, func(t *testing.T) {
			table, ok := strictly(t, resource, accept, nil).(*metav1.Table)
			if !ok || len(table.Rows) == 0 || table.ResourceVersion == "" {
				t.Fatalf("%+v", table)
			}
			if first := table.ColumnDefinitions[0]; first.Name != "Name" || first.Format != "name" || first.Type != "string" {
				t.Errorf("the first column is %+v", first)
			}
			for _, column := range table.ColumnDefinitions {
				if column.Description == "" || !slices.Contains([]string{"string", "integer", "number", "boolean"}, column.Type) {
					t.Errorf("column %+v", column)
				}
			}
			for _, row := range table.Rows {
				if len(row.Cells) != len(table.ColumnDefinitions) {
					t.Errorf("%d cells, %d columns", len(row.Cells), len(table.ColumnDefinitions))
				}
				object := &metav1.PartialObjectMetadata{}
				if err := json.Unmarshal(row.Object.Raw, object); err != nil || object.Name != row.Cells[0] || object.Kind != "PartialObjectMetadata" {
					t.Errorf("row %v is of %+v: %v", row.Cells, object, err)
				}
			}
		})
	}
	t.Run("includeObject", func(t *testing.T) {
		for include, kind := range map[string]string{"None": "", "Metadata": "PartialObjectMetadata", "Object": "PodKernelMetrics"} {
			table := strictly(t, pods, accept, map[string]string{"includeObject": include}).(*metav1.Table)
			for _, row := range table.Rows {
				object := &unstructured.Unstructured{Object: map[string]any{}}
				if row.Object.Raw != nil {
					if err := json.Unmarshal(row.Object.Raw, &object.Object); err != nil {
						t.Fatal(err)
					}
				}
				if object.GetKind() != kind {
					t.Errorf("%s: kind %q, expected %q", include, object.GetKind(), kind)
				}
			}
		}
	})
	t.Run("rows are the core API's pods", func(t *testing.T) {
		table := strictly(t, pods, accept, map[string]string{"labelSelector": steadyOnly.LabelSelector}).(*metav1.Table)
		var names []string
		for _, row := range table.Rows {
			names = append(names, row.Cells[0].(string))
		}
		if wanted := namesOf(truth(t)); !slices.Equal(names, wanted) {
			t.Errorf("%v, expected %v", names, wanted)
		}
	})
}
