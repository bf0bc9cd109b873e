import CohortModel
import Testing

@Suite struct `The nearest name` {
  @Test(arguments: [
    ("chort_id", "cohort_id"), ("cohort_changse", "cohort_changes"), ("user_id", "user_ids"),
    ("", "name"), ("zzzz", "name"), ("name", "name"), ("nmae", "name"), ("device", "device_ids"),
  ]) func `is what was probably meant`(_ text: String, _ meant: String) {
    let names = ["name", "cohort_id", "cohort_changes", "user_ids", "device_ids"]
    #expect(NearestText.nearest(to: text, in: names) == meant)
  }

  @Test func `is none among none, and the first of equals`() {
    #expect(NearestText.nearest(to: "a", in: [String]()) == nil)
    #expect(NearestText.nearest(to: "a", in: ["b", "c"]) == "b")
  }

  @Test func `is none where nothing looks alike`() {
    #expect(NearestText.alike(to: "hightuoch/vip", in: ["segment/a", "hightouch/vip"]) != nil)
    #expect(NearestText.alike(to: "vip", in: ["segment", "vvvvvvvv"]) == nil)
    #expect(NearestText.alike(to: "vip", in: ["via", "vp", "vip"]) == "vip")
  }

  /// The definition, without a table.
  private func distance(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
    guard let lastA = a.last, let lastB = b.last else { return max(a.count, b.count) }
    var least = min(
      distance(a.dropLast(), b) + 1, distance(a, b.dropLast()) + 1,
      distance(a.dropLast(), b.dropLast()) + (lastA == lastB ? 0 : 1))
    if a.count > 1, b.count > 1, a.dropLast().last == lastB, b.dropLast().last == lastA {
      least = min(least, distance(a.dropLast(2), b.dropLast(2)) + 1)
    }
    return least
  }

  @Test func `is measured as the definition says, on all short words`() {
    var words: [[UInt8]] = [[]]
    for length in 1...4 {
      let letters = UInt8(0)..<(length < 4 ? 3 : 2)
      words += words.filter { $0.count == length - 1 }.flatMap { word in
        letters.map { word + [$0] }
      }
    }
    for a in words {
      for b in words where NearestText.distance(a, b) != distance(a[...], b[...]) {
        Issue.record("\(a) \(b)")
      }
    }
  }

  @Test func `is found among long names`() {
    let start = String(repeating: "a", count: 900)
    let names = (0..<500).map { "\(start)\(1000 + $0)\(start)" }
    let meant = NearestText.nearest(to: "\(start)14x2\(start)", in: names)
    #expect(meant == names[402])
    let other = String(repeating: "bc", count: 500)
    #expect(NearestText.nearest(to: other, in: names) != nil)
  }
}
