;; The two inner loops of vector search, with 128-bit SIMD. `UPDATE_KERNELS=1` and test/engine/vector/kernels.test.ts turn them into kernel-bytes.ts.
;; Rows lie one behind the other; a row's width in bytes is a multiple of 16. Both functions need `count` of at least 1.
(module
  (import "engine" "memory" (memory 0))

  ;; scores[i] = dot(query, rows[i]) * factors[i] * query_scale + offsets[i]
  ;; rows: int8. query: int16, as wide. corrections: pairs of float32 (factor, offset). scores: float32.
  ;; Most of its time is waiting for memory, so it goes through the four quarters of the rows side by side; up to three rows are left over.
  (func (export "scoreBytes")
    (param $rows i32) (param $width i32) (param $query i32) (param $query_scale f32)
    (param $corrections i32) (param $scores i32) (param $count i32)
    (local $quarter i32) (local $left i32) (local $row_end i32) (local $at i32)
    (local $rows2 i32) (local $rows3 i32) (local $rows4 i32)
    (local $low v128) (local $high v128) (local $sum v128) (local $sum2 v128) (local $sum3 v128) (local $sum4 v128)
    (local.set $quarter (i32.shr_u (local.get $count) (i32.const 2)))
    (local.set $rows2 (i32.add (local.get $rows) (i32.mul (local.get $quarter) (local.get $width))))
    (local.set $rows3 (i32.add (local.get $rows2) (i32.mul (local.get $quarter) (local.get $width))))
    (local.set $rows4 (i32.add (local.get $rows3) (i32.mul (local.get $quarter) (local.get $width))))
    (local.set $left (local.get $quarter))
    (if (local.get $left) (then (loop $row
      (local.set $row_end (i32.add (local.get $rows) (local.get $width)))
      (local.set $at (local.get $query))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (local.set $sum2 (v128.const i32x4 0 0 0 0))
      (local.set $sum3 (v128.const i32x4 0 0 0 0))
      (local.set $sum4 (v128.const i32x4 0 0 0 0))
      (loop $sixteen
        (local.set $low (v128.load (local.get $at)))
        (local.set $high (v128.load offset=16 (local.get $at)))
        (local.set $sum (i32x4.add (local.get $sum) (i32x4.add
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $rows)) (local.get $low))
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $rows)) (local.get $high)))))
        (local.set $sum2 (i32x4.add (local.get $sum2) (i32x4.add
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $rows2)) (local.get $low))
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $rows2)) (local.get $high)))))
        (local.set $sum3 (i32x4.add (local.get $sum3) (i32x4.add
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $rows3)) (local.get $low))
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $rows3)) (local.get $high)))))
        (local.set $sum4 (i32x4.add (local.get $sum4) (i32x4.add
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $rows4)) (local.get $low))
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $rows4)) (local.get $high)))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $rows2 (i32.add (local.get $rows2) (i32.const 16)))
        (local.set $rows3 (i32.add (local.get $rows3) (i32.const 16)))
        (local.set $rows4 (i32.add (local.get $rows4) (i32.const 16)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
        (br_if $sixteen (i32.lt_u (local.get $rows) (local.get $row_end))))
      (call $store (local.get $sum) (local.get $query_scale) (local.get $corrections) (local.get $scores) (i32.const 0))
      (call $store (local.get $sum2) (local.get $query_scale) (local.get $corrections) (local.get $scores) (local.get $quarter))
      (call $store (local.get $sum3) (local.get $query_scale) (local.get $corrections) (local.get $scores)
        (i32.mul (local.get $quarter) (i32.const 2)))
      (call $store (local.get $sum4) (local.get $query_scale) (local.get $corrections) (local.get $scores)
        (i32.mul (local.get $quarter) (i32.const 3)))
      (local.set $corrections (i32.add (local.get $corrections) (i32.const 8)))
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (br_if $row (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
    (local.set $left (i32.and (local.get $count) (i32.const 3)))
    (local.set $quarter (i32.mul (local.get $quarter) (i32.const 3)))
    (if (local.get $left) (then (loop $row
      (local.set $row_end (i32.add (local.get $rows4) (local.get $width)))
      (local.set $at (local.get $query))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $sixteen
        (local.set $sum (i32x4.add (local.get $sum) (i32x4.add
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $rows4)) (v128.load (local.get $at)))
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $rows4)) (v128.load offset=16 (local.get $at))))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $rows4 (i32.add (local.get $rows4) (i32.const 16)))
        (br_if $sixteen (i32.lt_u (local.get $rows4) (local.get $row_end))))
      (call $store (local.get $sum) (local.get $query_scale) (local.get $corrections) (local.get $scores) (local.get $quarter))
      (local.set $corrections (i32.add (local.get $corrections) (i32.const 8)))
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (br_if $row (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))))

  ;; Stores the score of the row `at` from the lanes of its product.
  (func $store (param $sum v128) (param $query_scale f32) (param $corrections i32) (param $scores i32) (param $at i32)
    (local.set $corrections (i32.add (local.get $corrections) (i32.shl (local.get $at) (i32.const 3))))
    (f32.store (i32.add (local.get $scores) (i32.shl (local.get $at) (i32.const 2)))
      (f32.add
        (f32.mul
          (f32.mul
            (f32.convert_i32_s (i32.add
              (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
              (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
            (f32.load (local.get $corrections)))
          (local.get $query_scale))
        (f32.load offset=4 (local.get $corrections)))))

  ;; products[i] = dot(query, rows[i]), summed in float64 in four lanes: elements 0, 4, 8 …; 1, 5, 9 …; 2 …; 3 …
  ;; rows: float32. query: float64, one for each element of a row. products: float64.
  (func (export "dotFloats")
    (param $rows i32) (param $width i32) (param $query i32) (param $products i32) (param $count i32)
    (local $row_end i32) (local $at i32) (local $low v128) (local $high v128)
    (loop $row
      (local.set $row_end (i32.add (local.get $rows) (local.get $width)))
      (local.set $at (local.get $query))
      (local.set $low (v128.const i32x4 0 0 0 0))
      (local.set $high (v128.const i32x4 0 0 0 0))
      (loop $four
        (local.set $low (f64x2.add (local.get $low)
          (f64x2.mul (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $rows))) (v128.load (local.get $at)))))
        (local.set $high (f64x2.add (local.get $high)
          (f64x2.mul (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $rows))) (v128.load offset=16 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
        (br_if $four (i32.lt_u (local.get $rows) (local.get $row_end))))
      (local.set $low (f64x2.add (local.get $low) (local.get $high)))
      (f64.store (local.get $products)
        (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low))))
      (local.set $products (i32.add (local.get $products) (i32.const 8)))
      (br_if $row (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
)
