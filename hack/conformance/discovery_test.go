package conformance

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
)

// served are kpod's group versions, of each group the preferred one first.
var served = map[string][]string{
	group:                     {group + "/v1beta1"},
	"custom.metrics.k8s.io":   {"custom.metrics.k8s.io/v1beta2", "custom.metrics.k8s.io/v1beta1"},
	"external.metrics.k8s.io": {"external.metrics.k8s.io/v1beta1"},
}

var own = map[string]metav1.APIResource{
	"pods":      {Name: "pods", Kind: "PodKernelMetrics", SingularName: "podkernelmetrics", ShortNames: []string{"pkm"}, Namespaced: true},
	"workloads": {Name: "workloads", Kind: "WorkloadKernelMetrics", SingularName: "workloadkernelmetrics", ShortNames: []string{"wkm"}, Namespaced: true},
	"nodes":     {Name: "nodes", Kind: "NodeKernelMetrics", SingularName: "nodekernelmetrics", ShortNames: []string{"nkm"}},
}

func discoverer(t *testing.T, legacy bool) *discovery.DiscoveryClient {
	t.Helper()
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	found.UseLegacyDiscovery = legacy
	return found
}

func TestDiscovery(t *testing.T) {
	for name, legacy := range map[string]bool{"aggregated": false, "by version": true} {
		t.Run(name, func(t *testing.T) {
			groups, lists, err := discoverer(t, legacy).ServerGroupsAndResources()
			if err != nil {
				t.Fatal(err)
			}
			for _, known := range groups {
				if wanted, ours := served[known.Name]; ours {
					versions := []string{known.PreferredVersion.GroupVersion}
					for _, version := range known.Versions {
						if version.GroupVersion != versions[0] {
							versions = append(versions, version.GroupVersion)
						}
					}
					if !slices.Equal(versions, wanted) {
						t.Errorf("group %s has versions %v, expected %v", known.Name, versions, wanted)
					}
				}
			}
			resources := byVersion(lists)
			for _, versions := range served {
				for _, version := range versions {
					if len(resources[version]) == 0 {
						t.Errorf("%s has no resources", version)
					}
				}
			}
			checkOwn(t, resources[version.String()])
		})
	}
	t.Run("both ways tell the same of all of kpod's groups", func(t *testing.T) {
		_, aggregated, err := discoverer(t, false).ServerGroupsAndResources()
		if err != nil {
			t.Fatal(err)
		}
		_, legacy, err := discoverer(t, true).ServerGroupsAndResources()
		if err != nil {
			t.Fatal(err)
		}
		one, other := byVersion(aggregated), byVersion(legacy)
		for _, versions := range served {
			for _, version := range versions {
				if a, b := resourceNames(one[version]), resourceNames(other[version]); !slices.Equal(a, b) {
					t.Errorf("%s: aggregated %v, legacy %v", version, a, b)
				}
			}
		}
	})
	t.Run("the aggregated document has all of it, none stale", func(t *testing.T) {
		groups, resources, failed, err := discoverer(t, false).GroupsAndMaybeResources()
		if err != nil || len(failed) > 0 {
			t.Fatalf("%v, failed: %v", err, failed)
		}
		for name, versions := range served {
			if !slices.ContainsFunc(groups.Groups, func(known metav1.APIGroup) bool { return known.Name == name }) {
				t.Errorf("no group %s", name)
			}
			for _, version := range versions {
				parsed, _ := schema.ParseGroupVersion(version)
				if list := resources[parsed]; list == nil || len(list.APIResources) == 0 {
					t.Errorf("no resources of %s", version)
				}
			}
		}
	})
	t.Run("ServerPreferredResources has kpod's and no error", func(t *testing.T) {
		lists, err := discoverer(t, false).ServerPreferredResources()
		if err != nil {
			t.Fatal(err)
		}
		checkOwn(t, byVersion(lists)[version.String()])
	})
	t.Run("what can be listed and watched is what an informer for everything starts", func(t *testing.T) {
		lists, err := discoverer(t, false).ServerPreferredResources()
		if err != nil {
			t.Fatal(err)
		}
		watchable := discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"list", "watch"}}, lists)
		if found := resourceNames(byVersion(watchable)[version.String()]); !slices.Equal(found, []string{"nodes", "pods", "workloads"}) {
			t.Errorf("list and watch: %v", found)
		}
		deletable := byVersion(discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"delete"}}, lists))
		for _, versions := range served {
			for _, version := range versions {
				if len(deletable[version]) > 0 {
					t.Errorf("%s: a namespace's deletion would wait for %v", version, resourceNames(deletable[version]))
				}
			}
		}
	})
}

func checkOwn(t *testing.T, found []metav1.APIResource) {
	t.Helper()
	for name, wanted := range own {
		at := slices.IndexFunc(found, func(resource metav1.APIResource) bool { return resource.Name == name })
		if at < 0 {
			t.Errorf("no resource %s in %v", name, resourceNames(found))
			continue
		}
		is := found[at]
		if is.Kind != wanted.Kind || is.SingularName != wanted.SingularName || is.Namespaced != wanted.Namespaced ||
			!slices.Equal(is.ShortNames, wanted.ShortNames) || !slices.Equal(is.Categories, []string{"kpod"}) ||
			!slices.Equal([]string(is.Verbs), []string{"get", "list", "watch"}) {
			t.Errorf("resource %s is %+v", name, is)
		}
	}
}

func TestRESTMapper(t *testing.T) {
	cached := memory.NewMemCacheClient(discoverer(t, false))
	mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(cached), cached, func(warning string) { t.Error(warning) })
	coreVersion := schema.GroupVersion{Version: "v1"}
	for asked, wanted := range map[schema.GroupVersionResource]schema.GroupVersionResource{
		{Resource: "pkm"}:                             pods,
		{Resource: "wkm"}:                             workloads,
		{Resource: "nkm"}:                             nodes,
		{Resource: "podkernelmetrics"}:                pods,
		{Resource: "workloadkernelmetrics"}:           workloads,
		{Group: group, Resource: "pods"}:              pods,
		{Group: "kernelmetrics", Resource: "nodes"}:   nodes,
		{Resource: "pods"}:                            coreVersion.WithResource("pods"),
		{Resource: "po"}:                              coreVersion.WithResource("pods"),
		{Resource: "nodes"}:                           coreVersion.WithResource("nodes"),
		{Resource: "pod"}:                             coreVersion.WithResource("pods"),
		{Group: "apps", Resource: "deploy"}:           {Group: "apps", Version: "v1", Resource: "deployments"},
		{Group: "metrics.k8s.io", Resource: "absent"}: {},
	} {
		t.Run(asked.GroupResource().String(), func(t *testing.T) {
			found, err := mapper.ResourceFor(asked)
			if wanted.Empty() {
				if err == nil {
					t.Errorf("%v", found)
				}
			} else if err != nil || found != wanted {
				t.Errorf("%v %v, expected %v", found, err, wanted)
			}
		})
	}
	t.Run("each kind has its mapping", func(t *testing.T) {
		for name, resource := range own {
			mapping, err := mapper.RESTMapping(schema.GroupKind{Group: group, Kind: resource.Kind})
			if err != nil || mapping.Resource != version.WithResource(name) || (mapping.Scope.Name() == "namespace") != resource.Namespaced {
				t.Errorf("%s: %+v %v", resource.Kind, mapping, err)
			}
		}
	})
	t.Run("the category kpod is all of them", func(t *testing.T) {
		found, known := restmapper.NewDiscoveryCategoryExpander(cached).Expand("kpod")
		var names []string
		for _, resource := range found {
			names = append(names, resource.String())
		}
		slices.Sort(names)
		if !known || !slices.Equal(names, []string{"nodes." + group, "pods." + group, "workloads." + group}) {
			t.Errorf("%v", names)
		}
	})
}

func byVersion(lists []*metav1.APIResourceList) map[string][]metav1.APIResource {
	found := map[string][]metav1.APIResource{}
	for _, list := range lists {
		found[list.GroupVersion] = append(found[list.GroupVersion], list.APIResources...)
	}
	return found
}

func resourceNames(resources []metav1.APIResource) []string {
	var names []string
	for _, resource := range resources {
		names = append(names, resource.Name)
	}
	slices.Sort(names)
	return names
}
