import CohortHTTP
import Synchronization
import Testing

@Suite struct `An exchange` {
  @Test func `is answered once, by the first`() {
    let seen = Mutex<[Int]>([])
    do {
      let exchange = Exchange { response in seen.withLock { $0.append(response.status) } }
      exchange.answer(Response(status: 201))
      exchange.answer(Response(status: 400))
    }
    #expect(seen.withLock { $0 } == [201])
  }

  @Test func `that its handler forgets is answered 500`() {
    let seen = Mutex<[Int]>([])
    do { _ = Exchange { response in seen.withLock { $0.append(response.status) } } }
    #expect(seen.withLock { $0 } == [500])
  }
}
