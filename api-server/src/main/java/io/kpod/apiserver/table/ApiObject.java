package io.kpod.apiserver.table;

/** An object of the API: what a table row or a partial object carries is drawn from it. */
public interface ApiObject {
    /** Its metadata. */
    ObjectMeta metadata();
}
