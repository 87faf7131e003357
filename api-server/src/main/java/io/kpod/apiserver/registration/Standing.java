package io.kpod.apiserver.registration;

import org.slf4j.Logger;

/** How an APIService stands. */
sealed interface Standing {
    /** For people, after the APIService's name. */
    String remark();

    /** Says it in the log. */
    void say(Logger log, String name);

    /** It points to us. */
    record Ours(String remark) implements Standing {
        @Override
        public void say(Logger log, String name) {
            log.info("APIService {} {}", name, remark);
        }
    }

    /** It points to somebody else. */
    record Foreign(String owner) implements Standing {
        @Override
        public String remark() {
            return "is served by " + owner + ", not by kpod";
        }

        @Override
        public void say(Logger log, String name) {
            log.warn(
                    "APIService {} is served by {}: kpod leaves it alone; delete it to let kpod have it, or set"
                            + " kpod.api.*-metrics-adapter to have kpod in front of that Service",
                    name,
                    owner);
        }
    }

    /** Somebody else has another version of its group. */
    record LeftAlone(String other, String owner) implements Standing {
        @Override
        public String remark() {
            return "is not made by kpod, because " + other + " is served by " + owner;
        }

        @Override
        public void say(Logger log, String name) {
            log.warn("APIService {} {}: a group has one owner", name, remark());
        }
    }

    /** It is not there. */
    record Absent() implements Standing {
        @Override
        public String remark() {
            return "does not exist";
        }

        @Override
        public void say(Logger log, String name) {
            log.warn("APIService {} does not exist: apply kpod's manifests", name);
        }
    }

    /** It can't be told. */
    record Unknown(String problem) implements Standing {
        @Override
        public String remark() {
            return "can't be looked at: " + problem;
        }

        @Override
        public void say(Logger log, String name) {
            log.warn("APIService {} can't be looked at: {}", name, problem);
        }
    }
}
