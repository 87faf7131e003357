package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// TestInformersSurviveARestart replaces every api-server while informers of both kinds and a RetryWatcher follow; a pod comes and one
// goes meanwhile.
func TestInformersSurviveARestart(t *testing.T) {
	known := slices.Sorted(maps.Keys(truth(t)))
	leaving := start(t, "leaving", map[string]string{"app": "churn"})
	informers := map[string]*following{}
	for name, watchList := range modes {
		informer := follow(t, watchList)
		informers[name] = informer
		eventually(t, soon, func() string { return different(informer.uids(), append(slices.Clone(known), leaving.UID)) })
	}
	retried := retry(t)
	watches := map[string]int{}
	for name, informer := range informers {
		_, initial, resumed := informer.requests()
		watches[name] = initial + resumed
	}

	restarted := restart(t)
	remove(t, leaving.Name)
	coming := start(t, "coming", map[string]string{"app": "churn"})
	restarted()
	for _, informer := range informers {
		eventually(t, soon, func() string { return different(informer.uids(), append(slices.Clone(known), coming.UID)) })
	}
	remove(t, coming.Name)
	for name, informer := range informers {
		t.Run(name, func(t *testing.T) {
			eventually(t, soon, func() string { return different(informer.uids(), known) })
			if _, initial, resumed := informer.requests(); initial+resumed <= watches[name] {
				t.Errorf("its watch was not broken by the restart: %d and then %d watches", watches[name], initial+resumed)
			}
			for _, uid := range known {
				if told := informer.told(uid); !slices.Equal(told, []string{"added", "updated"}) {
					t.Errorf("of a pod that stayed it told %v", told)
				}
			}
			for which, uid := range map[string]types.UID{"went": leaving.UID, "came and went": coming.UID} {
				told := slices.DeleteFunc(informer.told(uid), func(what string) bool { return what == "updated" })
				if len(told) != 2 || told[0] != "added" || !strings.HasPrefix(told[1], "deleted") {
					t.Errorf("of the pod that %s it told %v", which, informer.told(uid))
				}
			}
		})
	}
	t.Run("by a RetryWatcher", func(t *testing.T) {
		// What the other replica can't tell apart from what it knew comes again; and a 410 ends it.
		eventually(t, soon, func() string {
			told := retried.told(coming.UID)
			if !retried.ended() && (len(told) == 0 || told[0] != "added" || told[len(told)-1] != "deleted") {
				return fmt.Sprintf("of the pod that came and went it told %v", told)
			}
			return ""
		})
		for _, uid := range known {
			if told := retried.told(uid); slices.Contains(told, "deleted") {
				t.Errorf("of a pod that stayed it told %v", told)
			}
		}
	})
}

// retrying is a RetryWatcher with what it told.
type retrying struct {
	following

	*watchtools.RetryWatcher
}

func retry(t *testing.T) *retrying {
	t.Helper()
	in := client.Resource(pods).Namespace(namespace)
	list, err := in.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := watchtools.NewRetryWatcherWithContext(t.Context(), list.GetResourceVersion(), &cache.ListWatch{WatchFuncWithContext: in.Watch})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watcher.Stop)
	r := &retrying{following{events: map[types.UID][]string{}}, watcher}
	go func() {
		for event := range watcher.ResultChan() {
			if event.Type != watch.Error {
				r.note(event.Object, strings.ToLower(string(event.Type)))
			}
		}
	}()
	return r
}

func (r *retrying) ended() bool {
	select {
	case <-r.Done():
		return true
	default:
		return false
	}
}

// restart begins to replace the api-servers as `kubectl rollout restart` does; what it returns waits for the end.
func restart(t *testing.T) func() {
	t.Helper()
	former := servers(t)
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":%q}}}}}`, time.Now().Format(time.RFC3339Nano))
	deployment, err := core.AppsV1().Deployments("kpod").Patch(t.Context(), "kpod-api-server", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		eventually(t, 90*time.Second, func() string {
			found, err := core.AppsV1().Deployments("kpod").Get(t.Context(), deployment.Name, metav1.GetOptions{})
			if err != nil {
				return err.Error()
			}
			status, wanted := found.Status, *found.Spec.Replicas
			if status.ObservedGeneration < deployment.Generation || status.UpdatedReplicas != wanted || status.Replicas != wanted || status.AvailableReplicas != wanted {
				return fmt.Sprintf("the api-server is not replaced: %d of %d available, %d new", status.AvailableReplicas, wanted, status.UpdatedReplicas)
			}
			if left := former.Intersection(servers(t)); left.Len() > 0 {
				return fmt.Sprintf("former api-servers are still there: %v", left.UnsortedList())
			}
			return ""
		})
	}
}

func servers(t *testing.T) sets.Set[types.UID] {
	t.Helper()
	list, err := core.CoreV1().Pods("kpod").List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=kpod-api-server"})
	if err != nil {
		t.Fatal(err)
	}
	return sets.New(uids(t, list)...)
}
