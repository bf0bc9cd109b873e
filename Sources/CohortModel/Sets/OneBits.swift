/// How many bits are one in the 1,024 words from `start` on.
///
/// Counting bits takes about a dozen instructions a word where the processor's own may not be taken
/// for granted. So 16 pairs of words are first added up bit by bit, each position on its own, in
/// binary: `ones`, `twos`, `fours` and `eights` hold the digits of 128 sums. Only what carries out
/// of them, the sixteens, is counted at once, and the digits at the very end (Harley and Seal).
func oneBits(ofBitmapAt start: Int, in words: Span<UInt64>) -> Int {
  let words = unsafe words.extracting(start..<start + UserChunk.bitmapWords).bytes
  var (ones, twos, fours, eights) = (Pair(), Pair(), Pair(), Pair())
  var counted = Pair()
  for block in 0..<UserChunk.bitmapWords / 32 {
    let place = block * 32
    let fourA = addFour(words, place, &ones, &twos)
    let fourB = addFour(words, place + 8, &ones, &twos)
    let eightA = add(fourA, fourB, to: &fours)
    let fourC = addFour(words, place + 16, &ones, &twos)
    let fourD = addFour(words, place + 24, &ones, &twos)
    let eightB = add(fourC, fourD, to: &fours)
    let sixteens = add(eightA, eightB, to: &eights)
    counted &+= sixteens.nonzeroBitCount
  }
  let high = counted.wrappedSum() << 4 + eights.nonzeroBitCount.wrappedSum() << 3
  let low = fours.nonzeroBitCount.wrappedSum() << 2 + twos.nonzeroBitCount.wrappedSum() << 1
  return Int(high + low + ones.nonzeroBitCount.wrappedSum())
}

private typealias Pair = SIMD2<UInt64>

/// Adds two numbers of one bit to `digit` at each position and returns what is carried.
@inline(__always)
private func add(_ a: Pair, _ b: Pair, to digit: inout Pair) -> Pair {
  let half = digit ^ a
  let carry = digit & a | half & b
  digit = half ^ b
  return carry
}

/// Adds eight words and returns what is carried out of the twos.
@inline(__always)
private func addFour(
  _ words: RawSpan, _ place: Int, _ ones: inout Pair, _ twos: inout Pair
) -> Pair {
  let twoA = add(words.pair(place), words.pair(place + 2), to: &ones)
  let twoB = add(words.pair(place + 4), words.pair(place + 6), to: &ones)
  return add(twoA, twoB, to: &twos)
}

extension RawSpan {
  /// Two words at once; put together from single ones, they would be taken apart again.
  @inline(__always)
  fileprivate func pair(_ place: Int) -> Pair {
    // Any sixteen bytes are two words, and the load checks that they lie in the span.
    unsafe unsafeLoadUnaligned(fromByteOffset: place * 8, as: Pair.self)
  }
}
