package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	clientfeatures "k8s.io/client-go/features"
	featurestesting "k8s.io/client-go/features/testing"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/utils/ptr"
)

// following is an informer with what it asked and what it told.
type following struct {
	cache.SharedIndexInformer

	mutex  sync.Mutex
	asked  []*http.Request
	events map[types.UID][]string
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// recording is the configuration of a client whose requests are kept.
func (f *following) recording() *rest.Config {
	copied := rest.CopyConfig(config)
	copied.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			f.mutex.Lock()
			f.asked = append(f.asked, request)
			f.mutex.Unlock()
			return next.RoundTrip(request)
		})
	})
	return copied
}

// lists, watches that begin with what there is, and other watches that it asked for.
func (f *following) requests() (lists, initial, resumed int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, request := range f.asked {
		query := request.URL.Query()
		switch {
		case query.Get("watch") != "true":
			lists++
		case query.Get("sendInitialEvents") == "true":
			initial++
		default:
			resumed++
		}
	}
	return
}

func (f *following) note(object any, what string) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object, what = unknown.Obj, what+" unseen"
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	uid := object.(metav1.Object).GetUID()
	f.events[uid] = append(f.events[uid], what)
}

// told is what handlers heard of an object; updates that follow each other are one.
func (f *following) told(uid types.UID) []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Compact(slices.Clone(f.events[uid]))
}

func (f *following) uids() []types.UID {
	var found []types.UID
	for _, object := range f.GetStore().List() {
		found = append(found, object.(metav1.Object).GetUID())
	}
	slices.Sort(found)
	return found
}

func (f *following) run(t *testing.T) {
	t.Helper()
	if _, err := f.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { f.note(object, "added") },
		UpdateFunc: func(_, object any) { f.note(object, "updated") },
		DeleteFunc: func(object any) { f.note(object, "deleted") },
	}); err != nil {
		t.Fatal(err)
	}
	go f.RunWithContext(t.Context())
	within, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if !cache.WaitForCacheSync(within.Done(), f.HasSynced) {
		t.Fatal("not synced after 20 s")
	}
}

// follow starts an informer for the pods of the tests' namespace, with or without the client's WatchList.
func follow(t *testing.T, watchList bool) *following {
	t.Helper()
	featurestesting.SetFeatureDuringTest(t, clientfeatures.WatchListClient, watchList)
	f := &following{events: map[types.UID][]string{}}
	recorded, err := dynamic.NewForConfig(f.recording())
	if err != nil {
		t.Fatal(err)
	}
	f.SharedIndexInformer = dynamicinformer.NewFilteredDynamicInformer(recorded, pods, namespace, 0, cache.Indexers{}, nil).Informer()
	f.run(t)
	lists, initial, _ := f.requests()
	if watchList && (lists != 0 || initial != 1) || !watchList && (lists != 1 || initial != 0) {
		t.Errorf("began with %d lists and %d watches with initial events", lists, initial)
	}
	return f
}

var modes = map[string]bool{"by a watch with initial events": true, "by list and watch": false}

func TestInformers(t *testing.T) {
	for name, watchList := range modes {
		t.Run(name, func(t *testing.T) {
			known := slices.Sorted(maps.Keys(truth(t)))
			informer := follow(t, watchList)
			if found := informer.uids(); !slices.Equal(found, known) {
				t.Errorf("the cache has %v, the core API %v", found, known)
			}
			var churn []types.UID
			for i := range 3 {
				churn = append(churn, start(t, fmt.Sprintf("churn-%d", i), map[string]string{"app": "churn"}).UID)
			}
			eventually(t, soon, func() string {
				return different(informer.uids(), append(slices.Clone(known), churn...))
			})
			eventually(t, soon, func() string {
				for _, uid := range append(slices.Clone(known), churn...) {
					if told := informer.told(uid); !slices.Equal(told, []string{"added", "updated"}) {
						return fmt.Sprintf("of %s it told %v, expected added, then updated", uid, told)
					}
				}
				return ""
			})
			for i := range churn {
				remove(t, fmt.Sprintf("churn-%d", i))
			}
			eventually(t, soon, func() string { return different(informer.uids(), known) })
			for _, uid := range churn {
				if told := informer.told(uid); !slices.Equal(told, []string{"added", "updated", "deleted"}) {
					t.Errorf("of a pod that came and went it told %v", told)
				}
			}
			list, err := client.Resource(pods).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if complaint := different(informer.uids(), uids(t, list)); complaint != "" {
				t.Errorf("cache and list: %s", complaint)
			}
			if version := informer.LastSyncResourceVersion(); !isNumber(version) {
				t.Errorf("resource version %q", version)
			}
		})
	}
}

func different(found, wanted []types.UID) string {
	if slices.Sort(wanted); !slices.Equal(found, wanted) {
		return fmt.Sprintf("%v, expected %v", found, wanted)
	}
	return ""
}

func isNumber(text string) bool {
	_, err := strconv.ParseUint(text, 10, 64)
	return err == nil
}

func TestMetadataInformer(t *testing.T) {
	for name, watchList := range modes {
		t.Run(name, func(t *testing.T) {
			featurestesting.SetFeatureDuringTest(t, clientfeatures.WatchListClient, watchList)
			f := &following{events: map[types.UID][]string{}}
			recorded, err := metadata.NewForConfig(f.recording())
			if err != nil {
				t.Fatal(err)
			}
			f.SharedIndexInformer = metadatainformer.NewFilteredMetadataInformer(recorded, pods, namespace, 0, cache.Indexers{}, nil).Informer()
			f.run(t)
			if complaint := different(f.uids(), slices.Collect(maps.Keys(truth(t)))); complaint != "" {
				t.Error(complaint)
			}
			eventually(t, soon, func() string {
				for uid := range truth(t) {
					if told := f.told(uid); !slices.Equal(told, []string{"added", "updated"}) {
						return fmt.Sprintf("of %s it told %v", uid, told)
					}
				}
				return ""
			})
		})
	}
}

func TestWatch(t *testing.T) {
	in := client.Resource(pods).Namespace(namespace)
	t.Run("initial events end with their bookmark, and bookmarks go on", func(t *testing.T) {
		watching, err := in.Watch(t.Context(), metav1.ListOptions{
			SendInitialEvents: ptr.To(true), ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, AllowWatchBookmarks: true, TimeoutSeconds: ptr.To[int64](2),
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		var added []types.UID
		ends, bookmarks := 0, 0
		for event := range watching.ResultChan() {
			object := event.Object.(*unstructured.Unstructured)
			switch {
			case event.Type == watch.Bookmark:
				bookmarks++
				if object.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true" {
					ends++
				}
				if !isNumber(object.GetResourceVersion()) || object.GetKind() != "PodKernelMetrics" {
					t.Errorf("bookmark %v", object)
				}
			case event.Type == watch.Added && ends == 0:
				added = append(added, object.GetUID())
			case event.Type != watch.Modified:
				t.Errorf("%s %s", event.Type, object.GetName())
			}
		}
		slices.Sort(added)
		if complaint := different(added, slices.Collect(maps.Keys(truth(t)))); complaint != "" || ends != 1 || bookmarks < 2 {
			t.Errorf("%s; %d initial events' ends, %d bookmarks", complaint, ends, bookmarks)
		}
		if took := time.Since(begin); took < time.Second || took > 5*time.Second {
			t.Errorf("a watch of 2 s took %s", took)
		}
	})
	t.Run("from a list's version it has what came since, once", func(t *testing.T) {
		list, err := in.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		pod := start(t, "since", map[string]string{"app": "since"})
		eventually(t, soon, func() string { return missing(t, in.Get, pod.Name) })
		remove(t, pod.Name)
		eventually(t, soon, func() string {
			if missing(t, in.Get, pod.Name) == "" {
				return "it is still there"
			}
			return ""
		})
		again := start(t, "since", map[string]string{"app": "since"})
		eventually(t, soon, func() string { return missing(t, in.Get, pod.Name) })
		within, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		_, err = watchtools.Until(within, list.GetResourceVersion(), &cache.ListWatch{WatchFuncWithContext: in.Watch},
			func(event watch.Event) (bool, error) {
				object := event.Object.(*unstructured.Unstructured)
				return event.Type == watch.Added && object.GetUID() == again.UID, nil
			})
		if err != nil {
			t.Errorf("the second of the name was not told: %v", err)
		}
		remove(t, "since")
	})
	t.Run("UntilWithSync waits for a pod's first numbers, and for its end", func(t *testing.T) {
		pod := start(t, "awaited", map[string]string{"app": "awaited"})
		within, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		only := func(options *metav1.ListOptions) { options.FieldSelector = "metadata.name=awaited" }
		lister := &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
				only(&options)
				return in.List(ctx, options)
			},
			WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
				only(&options)
				return in.Watch(ctx, options)
			},
		}
		_, err := watchtools.UntilWithSync(within, lister, &unstructured.Unstructured{}, nil,
			func(event watch.Event) (bool, error) {
				object := event.Object.(*unstructured.Unstructured)
				if object.GetUID() != pod.UID {
					return false, fmt.Errorf("an event of %s", object.GetName())
				}
				return event.Type == watch.Added, nil
			},
			func(watch.Event) (bool, error) { remove(t, pod.Name); return true, nil },
			func(event watch.Event) (bool, error) { return event.Type == watch.Deleted, nil })
		if err != nil {
			t.Error(err)
		}
	})
}
