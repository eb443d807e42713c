package org.preferencelearning.core.state;

/**
 * Has state that can be saved, and loaded into another object of the same making, which then goes on with the same bits.
 */
public interface Stateful {
    /** Writes the state; nothing of this object changes. */
    void save(StateWriter writer);

    /**
     * Takes over a state that {@link #save} wrote. Every name that was written must be read.
     *
     * @throws StateException if it is not a state of this object; what was read until then is taken over, so that this
     *     object must not be used
     */
    void load(StateReader reader);

    /** Has no state. */
    static Stateful none() {
        return new Stateful() {
            @Override
            public void save(StateWriter writer) {}

            @Override
            public void load(StateReader reader) {}
        };
    }
}
