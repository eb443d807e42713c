package org.preferencelearning.gpt2.hub;

/** Told how a download goes on. */
@FunctionalInterface
public interface DownloadListener {
    /**
     * Called now and then, and when a file is complete.
     *
     * @param file repository and file
     * @param bytes bytes there are
     * @param total bytes there will be
     */
    void onProgress(String file, long bytes, long total);

    /** Tells nobody. */
    static DownloadListener none() {
        return (file, bytes, total) -> {};
    }
}
