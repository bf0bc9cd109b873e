import CPlatform
import Glibc

/// What is sent, and what is made of the answers.
protocol Workload {
  /// Writes the next request of a connection.
  mutating func write(_ request: inout [UInt8], connection: Int)

  /// Looks at an answer.
  mutating func read(_ answer: AnswerReader) throws
}

/// Many connections driven from one thread, each sending its next request when it has its answer.
struct Driver {
  private var lanes: [Lane] = []
  private let poll: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private(set) var times = Histogram()
  private(set) var answered = 0

  private struct Lane {
    let socket: Socket
    var request: [UInt8] = []
    var sent = 0
    var answer = AnswerReader()
    var begun: UInt64 = 0
    /// Whether the server takes no more for now.
    var isFull = false
  }

  init(port: UInt16, connections: Int) throws {
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    for number in 0..<connections {
      lanes.append(Lane(socket: try Socket(port: port)))
      listen(to: number, EPOLL_CTL_ADD, EPOLLIN.rawValue)
    }
  }

  func close() { _ = Glibc.close(poll) }

  /// Whoever listens for room without need is woken by every packet that the server has read.
  private func listen(to number: Int, _ change: Int32, _ events: UInt32) {
    var event = unsafe epoll_event()
    unsafe event.events = events | (1 << 31)
    unsafe event.data.u64 = UInt64(number)
    unsafe epoll_ctl(poll, change, lanes[number].socket.number, &event)
  }

  /// Sends for so long, then waits for the last answers.
  mutating func run(_ workload: inout some Workload, seconds: Double) throws -> Double {
    let start = nanoseconds()
    let end = start + UInt64(seconds * 1e9)
    times = Histogram()
    answered = 0
    var waiting = 0
    for number in lanes.indices {
      try send(number, &workload)
      waiting += 1
    }
    var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    while waiting > 0 {
      let count = unsafe epoll_wait(poll, &events, 256, 10_000)
      if count == 0 { throw Trouble("The server has not answered for ten seconds.") }
      for index in 0..<max(0, Int(count)) {
        let number = Int(unsafe events[index].data.u64)
        if unsafe events[index].events & EPOLLOUT.rawValue != 0 { try push(number) }
        guard unsafe events[index].events & ~EPOLLOUT.rawValue != 0 else { continue }
        while let count = try lanes[number].socket.receive(into: &buffer) {
          guard try lanes[number].answer.take(buffer, count) else { continue }
          let now = nanoseconds()
          times.add(nanoseconds: now - lanes[number].begun)
          answered += 1
          try workload.read(lanes[number].answer)
          if now < end { try send(number, &workload) } else { waiting -= 1 }
          break
        }
      }
    }
    return Double(nanoseconds() - start) / 1e9
  }

  private mutating func send(_ number: Int, _ workload: inout some Workload) throws {
    lanes[number].request.removeAll(keepingCapacity: true)
    workload.write(&lanes[number].request, connection: number)
    lanes[number].sent = 0
    lanes[number].answer = AnswerReader()
    lanes[number].begun = nanoseconds()
    try push(number)
  }

  private mutating func push(_ number: Int) throws {
    while lanes[number].sent < lanes[number].request.count {
      let lane = lanes[number]
      let count = try lane.socket.send(lane.request.span.extracting(lane.sent...))
      if count == 0 {
        if !lane.isFull { listen(to: number, EPOLL_CTL_MOD, EPOLLIN.rawValue | EPOLLOUT.rawValue) }
        lanes[number].isFull = true
        return
      }
      lanes[number].sent += count
    }
    if lanes[number].isFull { listen(to: number, EPOLL_CTL_MOD, EPOLLIN.rawValue) }
    lanes[number].isFull = false
  }
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
