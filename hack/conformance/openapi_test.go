package conformance

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/openapi3"
	"k8s.io/kube-openapi/pkg/util/proto"
)

// documented are the group versions that have OpenAPI documents.
var documented = []string{
	group + "/v1beta1",
	"custom.metrics.k8s.io/v1beta1",
	"custom.metrics.k8s.io/v1beta2",
	"external.metrics.k8s.io/v1beta1",
}

func TestOpenAPI(t *testing.T) {
	root := openapi3.NewRoot(discoverer(t, false).OpenAPIV3())
	t.Run("version 3 lists kpod's groups", func(t *testing.T) {
		found, err := root.GroupVersions()
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range documented {
			if parsed, _ := schema.ParseGroupVersion(version); !slices.Contains(found, parsed) {
				t.Errorf("no %s", version)
			}
		}
	})
	t.Run("each version's document has the paths that it serves", func(t *testing.T) {
		for _, version := range documented {
			parsed, _ := schema.ParseGroupVersion(version)
			document, err := root.GVSpec(parsed)
			if err != nil {
				t.Fatal(err)
			}
			prefix, paths := "/apis/"+version+"/", 0
			for path := range document.Paths.Paths {
				if strings.HasPrefix(path, prefix) {
					paths++
				} else {
					t.Errorf("%s: path %s", version, path)
				}
			}
			if paths == 0 {
				t.Errorf("%s: no paths", version)
			}
		}
	})
	// As server-side apply and kubectl do: a field that the schema lacks, or one of another type, is an error.
	t.Run("each object that is served is typed by the schema", func(t *testing.T) {
		document, err := root.GVSpec(version)
		if err != nil {
			t.Fatal(err)
		}
		converter, err := managedfields.NewTypeConverter(document.Components.Schemas, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range []schema.GroupVersionResource{pods, workloads, nodes} {
			list, err := client.Resource(resource).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Items) == 0 {
				t.Errorf("no %s", resource.Resource)
			}
			for _, object := range list.Items {
				if _, err := converter.ObjectToTyped(&object); err != nil {
					t.Errorf("%s %s: %v", resource.Resource, object.GetName(), err)
				}
			}
			if len(list.Items) > 0 {
				wrong := list.Items[0].DeepCopy()
				wrong.Object["notInTheSchema"] = "x"
				if _, err := converter.ObjectToTyped(wrong); err == nil {
					t.Errorf("%s: a field that the schema lacks is taken", resource.Resource)
				}
			}
		}
	})
	t.Run("version 2, merged by the kube-apiserver, has a described model of each kind", func(t *testing.T) {
		document, err := discoverer(t, false).OpenAPISchema()
		if err != nil {
			t.Fatal(err)
		}
		models, err := proto.NewOpenAPIData(document)
		if err != nil {
			t.Fatal(err)
		}
		described := map[string]bool{}
		for _, name := range models.ListModels() {
			model := models.LookupModel(name)
			kinds, _ := model.GetExtensions()["x-kubernetes-group-version-kind"].([]any)
			for _, kind := range kinds {
				if of, ok := kind.(map[any]any); ok && of["group"] == group && of["version"] == "v1beta1" {
					described[of["kind"].(string)] = model.GetDescription() != ""
				}
			}
		}
		for _, resource := range own {
			if !described[resource.Kind] {
				t.Errorf("no described model of %s, there are %v", resource.Kind, described)
			}
		}
	})
}
