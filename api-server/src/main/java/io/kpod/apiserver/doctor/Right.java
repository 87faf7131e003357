package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import java.util.Arrays;
import java.util.List;

/**
 * Something that somebody must be allowed to do.
 *
 * @param resource with its subresource, without its group: {@code pods/log}
 * @param group of the API; empty for the core
 * @param namespace empty: all of them, or a resource of the cluster
 * @param name of the one object; empty: any
 */
record Right(String verb, String resource, String group, String namespace, String name) {
    /** Each verb, separated by spaces, on each resource, separated by spaces and with its group: {@code jobs.batch}. */
    static List<Right> everywhere(String verbs, String resources) {
        return on(verbs, resources, "", "");
    }

    /** The same on one object of a namespace, or of the cluster. */
    static List<Right> on(String verbs, String resources, String namespace, String name) {
        return Arrays.stream(verbs.split(" "))
                .flatMap(verb -> Arrays.stream(resources.split(" "))
                        .map(resource -> resource.split("\\.", 2))
                        .map(parts -> new Right(verb, parts[0], parts.length == 2 ? parts[1] : "", namespace, name)))
                .toList();
    }

    /** Asks the kube-apiserver whether that ServiceAccount has it. */
    boolean isOf(ServiceAccount account, Installed installed) {
        String[] parts = resource.split("/", 2);
        SubjectAccessReview answer = installed
                .client()
                .authorization()
                .v1()
                .subjectAccessReview()
                .create(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(account.user())
                        .withGroups(account.groups())
                        .withNewResourceAttributes()
                        .withVerb(verb)
                        .withGroup(group)
                        .withVersion("*")
                        .withResource(parts[0])
                        .withSubresource(parts.length == 2 ? parts[1] : "")
                        .withNamespace(namespace)
                        .withName(name)
                        .endResourceAttributes()
                        .endSpec()
                        .build());
        return Boolean.TRUE.equals(answer.getStatus().getAllowed());
    }

    @Override
    public String toString() {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group)
                + (name.isEmpty() ? "" : " " + name)
                + (namespace.isEmpty() ? "" : " in namespace " + namespace);
    }
}
