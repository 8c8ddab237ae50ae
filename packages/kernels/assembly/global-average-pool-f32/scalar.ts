/** Mean of each channel: x [batch, pixels, channels] to y [batch, channels]; float32 sum in order, divided once. */
export function globalAveragePoolF32(batch: i32, pixels: i32, channels: i32, x: usize, y: usize): void {
  assert(batch >= 0 && pixels > 0 && channels >= 0);
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      let sum: f32 = 0;
      for (let pixel = 0; pixel < pixels; pixel++) {
        sum += load<f32>(x + (((image * pixels + pixel) * channels + channel) << 2));
      }
      store<f32>(y + ((image * channels + channel) << 2), sum / <f32>pixels);
    }
  }
}
