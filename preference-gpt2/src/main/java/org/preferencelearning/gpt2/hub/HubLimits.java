package org.preferencelearning.gpt2.hub;

import java.time.Duration;
import java.util.regex.Pattern;
import org.preferencelearning.core.error.SettingException;

/**
 * What a server may send, and how slowly. The bytes of a file are those that it announces, and no more than that is read.
 *
 * @param configurationBytes most bytes of a model's configuration, and of whatever is none of the kinds below
 * @param tokenizerBytes most bytes of a tokenizer's file
 * @param weightBytes most bytes of a file of weights
 * @param dataBytes most bytes of a data set's file
 * @param deadline how long one file may take in all, waiting and repeated attempts among it; above 0
 * @param leastBytesPerSecond an attempt that gets fewer, over the time that {@link HubSettings#timeout()} says, is given up
 */
public record HubLimits(
        long configurationBytes,
        long tokenizerBytes,
        long weightBytes,
        long dataBytes,
        Duration deadline,
        long leastBytesPerSecond) {
    private static final HubLimits DEFAULTS =
            new HubLimits(16L << 20, 64L << 20, 64L << 30, 64L << 30, Duration.ofHours(12), 1024);
    private static final Pattern WEIGHTS = Pattern.compile(".*\\.(safetensors|bin|pt|pth|h5|msgpack|onnx|gguf)");
    private static final Pattern TOKENIZER =
            Pattern.compile("(.*/)?(tokenizer.*\\.json|vocab.*\\.(json|txt)|merges\\.txt|.*\\.model)");

    public HubLimits {
        requireSize("configurationBytes", configurationBytes);
        requireSize("tokenizerBytes", tokenizerBytes);
        requireSize("weightBytes", weightBytes);
        requireSize("dataBytes", dataBytes);
        SettingException.require(!deadline.isNegative() && !deadline.isZero(), "deadline", deadline, "above 0");
        SettingException.require(
                leastBytesPerSecond >= 0, "leastBytesPerSecond", leastBytesPerSecond, "a whole number of at least 0");
    }

    /** 16 MiB of configuration, 64 MiB of tokenizer, 64 GiB of weights or data; 12 hours, at least 1 KiB a second. */
    public static HubLimits defaults() {
        return DEFAULTS;
    }

    /** These limits with another deadline. */
    public HubLimits withDeadline(Duration deadline) {
        return new HubLimits(configurationBytes, tokenizerBytes, weightBytes, dataBytes, deadline, leastBytesPerSecond);
    }

    /** These limits with another most bytes of weights. */
    public HubLimits withWeightBytes(long weightBytes) {
        return new HubLimits(configurationBytes, tokenizerBytes, weightBytes, dataBytes, deadline, leastBytesPerSecond);
    }

    /** Most bytes of a file, by its kind. */
    long mostBytes(HubRepository repository, String file) {
        if (repository.kind() == HubRepository.Kind.DATASET) {
            return dataBytes;
        }
        if (WEIGHTS.matcher(file).matches()) {
            return weightBytes;
        }
        return TOKENIZER.matcher(file).matches() ? tokenizerBytes : configurationBytes;
    }

    private static void requireSize(String name, long bytes) {
        SettingException.require(bytes >= 1, name, bytes, "a whole number of at least 1");
    }
}
