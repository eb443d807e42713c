package org.preferencelearning.gpt2.hub;

import com.google.common.net.UrlEscapers;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.preferencelearning.core.error.SettingException;

/**
 * A repository of the Hub at one revision. Its text form is {@code owner/name} or {@code owner/name@revision}.
 *
 * @param kind what it holds
 * @param name {@code owner/name}, or {@code name} alone for old ones
 * @param revision a branch, a tag or a commit; a commit of 40 hexadecimal digits pins it
 */
public record HubRepository(Kind kind, String name, String revision) {
    private static final String MAIN = "main";
    private static final Pattern PART = Pattern.compile("\\w[\\w.-]{0,95}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** What a repository holds. */
    public enum Kind {
        MODEL("models", ""),
        DATASET("datasets", "datasets/");

        private final String folder;
        private final String path;

        Kind(String folder, String path) {
            this.folder = folder;
            this.path = path;
        }
    }

    public HubRepository {
        String[] parts = name.split("/", -1);
        boolean valid = parts.length <= 2;
        for (String part : parts) {
            valid &= PART.matcher(part).matches();
        }
        SettingException.require(valid, "repository", name, "owner/name of letters, digits, '.', '_' and '-'");
        boolean validRevision = !revision.contains("..");
        for (String part : revision.split("/", -1)) {
            validRevision &= PART.matcher(part).matches();
        }
        SettingException.require(validRevision, "revision", revision, "a branch, a tag or a commit");
    }

    /** Reads the text form; without a revision it is {@code main}. */
    public static HubRepository parse(Kind kind, String text) {
        int at = text.indexOf('@');
        return at < 0
                ? new HubRepository(kind, text, MAIN)
                : new HubRepository(kind, text.substring(0, at), text.substring(at + 1));
    }

    /** A model's repository, of the text form. */
    public static HubRepository model(String text) {
        return parse(Kind.MODEL, text);
    }

    /** A data set's repository, of the text form. */
    public static HubRepository dataset(String text) {
        return parse(Kind.DATASET, text);
    }

    /** Whether a text could be the name of a repository. */
    static boolean isName(String text) {
        try {
            model(text);
            return true;
        } catch (SettingException e) {
            return false;
        }
    }

    /** Whether the revision is a commit, whose files never change. */
    boolean isPinned() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** Name of the repository's folder in the cache. */
    String folder() {
        return kind.folder + "--" + name.replace("/", "--");
    }

    /** Path of a file on the server, each part escaped. */
    String path(String file) {
        String escaped = Arrays.stream(file.split("/", -1))
                .map(UrlEscapers.urlPathSegmentEscaper()::escape)
                .collect(Collectors.joining("/"));
        return kind.path + name + "/resolve/" + revision.replace("/", "%2F") + "/" + escaped;
    }

    @Override
    public String toString() {
        return kind.path + name + "@" + revision;
    }
}
