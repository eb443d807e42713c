package org.preferencelearning.core.testkit;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.preferencelearning.core.internal.runtime.NativeRuntime;

/** Prepares the process of the tests before any of them can touch ND4J; JUnit finds it by itself. */
public final class NativeRuntimeForTests implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        NativeRuntime.prepare();
    }
}
