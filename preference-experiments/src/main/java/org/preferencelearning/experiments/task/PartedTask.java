package org.preferencelearning.experiments.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A task whose work falls into parts that need nothing of each other. The task alone says how it is cut, so its result is the
 * same whether parts are computed one after the other, side by side, or by processes on several machines. Parts record no
 * metrics.
 *
 * @param <A> the result
 * @param <P> a part's
 */
public interface PartedTask<A, P> extends Task<A> {
    /**
     * How many parts there are, at least 1.
     *
     * @param context gives results that are not kept, as in {@link #check}
     */
    int parts(TaskContext context);

    /**
     * Computes a part.
     *
     * @param part counted from 0
     */
    P part(TaskContext context, int part);

    /** How a part is kept until the result is. */
    Codec<P> partCodec();

    /**
     * The result.
     *
     * @param parts all of them, in order
     */
    A join(TaskContext context, List<P> parts);

    /** Computes those parts that are not kept, one after the other, and joins all. */
    @Override
    default A run(TaskContext context) {
        int count = parts(context);
        Checkpoints kept = context.checkpoints();
        Map<Integer, P> unkept = new LinkedHashMap<>();
        List<P> parts = new ArrayList<>();
        context.progress().begin(label(), count);
        for (int i = 0; i < count; i++) {
            Optional<P> found = kept.part(i, partCodec());
            P part = found.isPresent() ? found.get() : part(context, i);
            parts.add(part);
            if (found.isEmpty()) {
                unkept.put(i, part);
            }
            context.progress().step(i + 1L, "");
            if (i + 1 < count && (kept.due() || context.stopAsked())) {
                unkept.forEach((place, one) -> kept.keepPart(place, one, partCodec()));
                unkept.clear();
                context.stopIfAsked();
            }
        }
        context.progress().end("");
        return join(context, parts);
    }
}
