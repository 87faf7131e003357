package conformance

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
)

func TestErrors(t *testing.T) {
	in := client.Resource(pods).Namespace(namespace)
	t.Run("what is not there is NotFound, with the name and why", func(t *testing.T) {
		_, err := in.Get(t.Context(), "nobody", metav1.GetOptions{})
		status, ok := err.(apierrors.APIStatus)
		if !apierrors.IsNotFound(err) || !ok {
			t.Fatal(err)
		}
		details := status.Status().Details
		if details == nil || details.Name != "nobody" || details.Group != group || details.Kind != "pods" {
			t.Errorf("details %+v", details)
		}
		_, err = in.Get(t.Context(), "kpod\u00e4", metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			t.Errorf("a name beyond ASCII: %v", err)
		}
	})
	t.Run("a resource that is not there is NotFound", func(t *testing.T) {
		_, err := client.Resource(version.WithResource("volumes")).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
		if !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
	t.Run("whoever has no right is Forbidden", func(t *testing.T) {
		other, err := dynamic.NewForConfig(nobody())
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range []schema.GroupVersionResource{pods, nodes} {
			_, err = other.Resource(resource).List(t.Context(), metav1.ListOptions{})
			if !apierrors.IsForbidden(err) {
				t.Errorf("%s: %v", resource.Resource, err)
			}
		}
		if _, err = other.Resource(pods).Namespace(namespace).Watch(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
			t.Error(err)
		}
	})
	t.Run("what can't be written is MethodNotSupported", func(t *testing.T) {
		object, err := in.Get(t.Context(), namesOf(truth(t))[0], metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, created := in.Create(t.Context(), object, metav1.CreateOptions{})
		_, updated := in.Update(t.Context(), object, metav1.UpdateOptions{})
		_, patched := in.Patch(t.Context(), object.GetName(), "application/merge-patch+json", []byte("{}"), metav1.PatchOptions{})
		_, applied := in.Apply(t.Context(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "conformance", Force: true})
		deleted := in.Delete(t.Context(), object.GetName(), metav1.DeleteOptions{})
		collection := in.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{})
		for verb, err := range map[string]error{"create": created, "update": updated, "patch": patched, "apply": applied, "delete": deleted, "delete all": collection} {
			if !apierrors.IsMethodNotSupported(err) {
				t.Errorf("%s: %v", verb, err)
			}
		}
	})
	t.Run("what was before the server's time is expired", func(t *testing.T) {
		_, err := in.List(t.Context(), metav1.ListOptions{ResourceVersion: "1", ResourceVersionMatch: metav1.ResourceVersionMatchExact})
		if !apierrors.IsResourceExpired(err) {
			t.Errorf("a list: %v", err)
		}
		watching, err := in.Watch(t.Context(), metav1.ListOptions{ResourceVersion: "1"})
		if err == nil {
			event := <-watching.ResultChan()
			watching.Stop()
			if err = apierrors.FromObject(event.Object); event.Type != watch.Error {
				t.Errorf("%v", event)
			}
		}
		if !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
			t.Errorf("a watch: %v", err)
		}
		page, err := in.List(t.Context(), metav1.ListOptions{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.List(t.Context(), metav1.ListOptions{Limit: 1, Continue: aged(t, page.GetContinue())})
		if !apierrors.IsResourceExpired(err) {
			t.Fatalf("a page: %v", err)
		}
		rest := err.(apierrors.APIStatus).Status().Continue
		if next, err := in.List(t.Context(), metav1.ListOptions{Continue: rest}); err != nil || len(next.Items) != replicas-1 {
			t.Errorf("going on with the token of the refusal: %v", err)
		}
	})
	t.Run("what is yet to come is a timeout that says when to ask again", func(t *testing.T) {
		_, err := in.List(t.Context(), metav1.ListOptions{ResourceVersion: "9223372036854775807"})
		if !apierrors.IsTimeout(err) || !apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
			t.Error(err)
		}
		if seconds, delays := apierrors.SuggestsClientDelay(err); !delays || seconds < 1 {
			t.Errorf("delay %d: %v", seconds, err)
		}
	})
}

// TestErrorsAreThoseOfTheCoreAPI asks both the same.
func TestErrorsAreThoseOfTheCoreAPI(t *testing.T) {
	corePods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	for name, options := range map[string]metav1.ListOptions{
		"a label selector that can't be read":        {LabelSelector: "a=b=c"},
		"a set that is not closed":                   {LabelSelector: "a in (b"},
		"a label's value with a slash":               {LabelSelector: "a=b/c"},
		"a field selector that can't be read":        {FieldSelector: "metadata.name"},
		"a field that can't be selected by":          {FieldSelector: "spec.color=red"},
		"a limit below zero":                         {Limit: -1},
		"a token that is none":                       {Limit: 1, Continue: "x"},
		"a match without a version":                  {ResourceVersionMatch: "Exact"},
		"a match that there is not":                  {ResourceVersion: "5", ResourceVersionMatch: "Other"},
		"exactly any version":                        {ResourceVersion: "0", ResourceVersionMatch: "Exact"},
		"a version that is no number":                {ResourceVersion: "x"},
		"initial events of a list":                   {SendInitialEvents: ptr.To(true)},
		"a version and a token":                      {Limit: 1, Continue: "x", ResourceVersion: "5"},
		"watch: initial events without a match":      {Watch: true, SendInitialEvents: ptr.To(true)},
		"watch: a match without initial events":      {Watch: true, ResourceVersion: "5", ResourceVersionMatch: "NotOlderThan"},
		"watch: initial events of exactly one":       {Watch: true, SendInitialEvents: ptr.To(true), ResourceVersion: "5", ResourceVersionMatch: "Exact"},
		"watch: a label selector that can't be read": {Watch: true, LabelSelector: "a=b=c"},
		"watch: a field that can't be selected by":   {Watch: true, FieldSelector: "spec.color=red"},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func(resource schema.GroupVersionResource) error {
				in := client.Resource(resource).Namespace(namespace)
				if !options.Watch {
					_, err := in.List(t.Context(), options)
					return err
				}
				watching, err := in.Watch(t.Context(), options)
				if err == nil {
					watching.Stop()
				}
				return err
			}
			theirs, ours := ask(corePods), ask(pods)
			if apierrors.ReasonForError(theirs) != apierrors.ReasonForError(ours) || code(theirs) != code(ours) {
				t.Errorf("the core API: %d %s %v; kpod: %d %s %v", code(theirs), apierrors.ReasonForError(theirs), theirs, code(ours), apierrors.ReasonForError(ours), ours)
			}
		})
	}
}

// code is an error's; 200 if there is none.
func code(err error) int32 {
	if status, ok := err.(apierrors.APIStatus); ok {
		return status.Status().Code
	}
	if err == nil {
		return 200
	}
	return 0
}

// TestTooManyWatches opens more of one user than kpod lets a user have (50 a replica), each on a connection that goes on.
func TestTooManyWatches(t *testing.T) {
	copied := rest.CopyConfig(as("many", "system:masters"))
	copied.GroupVersion = &version
	copied.APIPath = "/apis"
	copied.NegotiatedSerializer = dynamic.ConfigFor(config).NegotiatedSerializer
	asking, err := rest.RESTClientFor(copied)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	open := func(retries int) error {
		watching, err := asking.Get().Resource("pods").Param("watch", "true").MaxRetries(retries).Watch(ctx)
		if err == nil {
			go func() {
				for range watching.ResultChan() {
				}
			}()
		}
		return err
	}
	for opened := range 300 {
		err := open(0)
		if err == nil {
			continue
		}
		if !apierrors.IsTooManyRequests(err) {
			t.Fatalf("after %d watches: %v", opened, err)
		}
		if seconds, delays := apierrors.SuggestsClientDelay(err); !delays || seconds < 1 {
			t.Errorf("after %d watches: %v does not say when to ask again", opened, err)
		}
		if opened < 50 {
			t.Errorf("refused after %d watches", opened)
		}
		cancel()
		ctx = t.Context()
		if err := open(10); err != nil {
			t.Errorf("when the others have ended: %v", err)
		}
		return
	}
	t.Error("300 watches of one user, and none was refused")
}
