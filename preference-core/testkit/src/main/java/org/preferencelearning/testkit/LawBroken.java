package org.preferencelearning.testkit;

/** A loss breaks a law: what an exemption from that law excuses, and no other failure. */
final class LawBroken extends AssertionError {
    private static final long serialVersionUID = 1;

    LawBroken(String message) {
        super(message);
    }
}
