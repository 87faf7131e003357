/* SPDX-License-Identifier: Apache-2.0 */
/* Native methods that kpod.c registers and other files define; what they do stands there. */
#ifndef KPOD_H
#define KPOD_H

#include <jni.h>

jint drop_capabilities(JNIEnv *env, jclass class, jlong kept);
jint map_needs_capability(JNIEnv *env, jclass class, jint map);

#endif
