/**
 * Words that model files are made of, the most frequent last: deflate reaches them from the start,
 * so that the header of a small network need not spell them out. Part of format version 1: a change
 * here is a new version. docs/format.md lists them.
 */
export const dictionaryWords: readonly string[] =
  `If Loop NonZero Where Expand ScatterND GatherND Range TopK Trilu Einsum Erf Neg Reciprocal Equal Less
Greater And Not Or Floor Ceil Round Log Exp Cos Sin Tan Abs Sign Min Max ReduceSum ReduceMax LogSoftmax
InstanceNormalization GroupNormalization LpNormalization LRN Elu Selu Celu Softplus Softsign Tanh PRelu
ThresholdedRelu Mish HardSigmoid DepthToSpace SpaceToDepth RNN GRU LSTM ConstantOfShape Tile Split Pad
QuantizeLinear DequantizeLinear Upsample Resize ConvTranspose GlobalMaxPool LeakyRelu LayerNormalization
Gelu HardSwish Sqrt Pow Div Sub Identity Dropout Constant Shape Gather Cast Squeeze Unsqueeze Slice Concat
ReduceMean Transpose Reshape Flatten Softmax Sigmoid Mul BatchNormalization Clip AveragePool MaxPool
GlobalAveragePool MatMul Add Conv Gemm Relu hidden_size direction linear_before_reset activations mode
coordinate_transformation_mode nearest_mode epsilon momentum keepdims noop_with_empty_axes approximate
alpha beta perm to blocksize output_padding output_shape count_include_pad ceil_mode auto_pad storage_order
axes axis dilations group pads strides kernel_shape transA transB com.microsoft producer description license
pytorch torch_jit main_graph logits images image pixel_values attention_mask token_type_ids input_ids
batch_size sequence_length height width batch N affine codebook cast packed sparse huffman dense
embedding.weight attention query key value layer block 0.weight 0.bias 1.weight 1.bias conv1.weight
conv1.bias conv2.weight conv2.bias bn1.weight bn1.bias fc.weight fc.bias fc1.weight fc1.bias fc2.weight
fc2.bias fc3.weight fc3.bias data x y input output`.split(/\s+/);

let bytes: Uint8Array | undefined;

/** The words as the header holds strings: 0a, length, text. All are ASCII and shorter than 128. */
export function dictionary(): Uint8Array {
  bytes ??= Uint8Array.from(
    dictionaryWords.flatMap((word) => [0x0a, word.length, ...Array.from(word, (c) => c.charCodeAt(0))]),
  );
  return bytes;
}
