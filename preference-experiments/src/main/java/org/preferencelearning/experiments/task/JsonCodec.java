package org.preferencelearning.experiments.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A result as one file of JSON. Doubles are written with the digits that tell them apart, so that they come back to the bit. */
record JsonCodec<A>(Class<A> type) implements Codec<A> {
    private static final String FILE = "result.json";

    @Override
    public void write(A result, Path folder) throws IOException {
        Files.write(folder.resolve(FILE), StudyMapper.pretty().writeValueAsBytes(result));
    }

    @Override
    public A read(Path folder) throws IOException {
        return StudyMapper.pretty().readValue(folder.resolve(FILE).toFile(), type);
    }
}
