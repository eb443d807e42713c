/**
 * libtorch as a second library to compute with, on the CPU or on a GPU of NVIDIA. ND4J and SameDiff still define and differentiate
 * the graphs; their nodes are then computed by libtorch, through the C functions that PyTorch keeps stable from release 2.10 on
 * ({@code torch/csrc/stable/c/shim.h}, {@code torch/csrc/inductor/aoti_torch/c/shim.h}), called with JNA.
 */
package org.preferencelearning.gpt2.internal.torch;
