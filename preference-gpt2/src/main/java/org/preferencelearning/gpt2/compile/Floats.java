package org.preferencelearning.gpt2.compile;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** A bare address of floats, not owned. */
final class Floats extends FloatPointer {
    Floats(long address) {
        super((Pointer) null);
        this.address = address;
    }
}
