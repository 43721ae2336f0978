// What Rust's library keeps in memory, for a debugger to show.
use std::collections::{HashMap, HashSet};

enum Shape {
    Circle(f64),
    Rect { w: u32, h: u32 },
    Unit,
}
#[derive(Clone, Copy)]
enum Level {
    Low = -3,
    High = 7,
}
struct Point {
    x: i32,
    y: i64,
    name: String,
}

fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(r) => r * r,
        Shape::Rect { w, h } => (w * h) as f64,
        Shape::Unit => 0.0,
    }
}

fn main() {
    let point = Point { x: 1, y: -2, name: String::from("pt \u{e9}") };
    let bytes = vec![1u8, 2, 3];
    let words: Vec<&str> = vec!["one", "two"];
    let nothing: Vec<u64> = Vec::new();
    let shapes = [Shape::Circle(2.0), Shape::Rect { w: 2, h: 3 }, Shape::Unit];
    let some: Option<i32> = Some(5);
    let none: Option<i32> = None;
    let niche: Option<Box<i32>> = Some(Box::new(9));
    let no_box: Option<Box<i32>> = None;
    let result: Result<u8, String> = Err(String::from("bad"));
    let levels = [Level::Low, Level::High];
    let slice = &bytes[1..];
    let boxed: Box<[u16]> = vec![7u16, 8].into_boxed_slice();
    let mut ages: HashMap<&str, i32> = HashMap::new();
    ages.insert("kim", 30);
    let mut ids: HashSet<u32> = HashSet::new();
    ids.insert(42);
    let total: f64 = shapes.iter().map(area).sum();
    println!("{} {} {}", point.x as i64 + point.y, point.name, total); // stop
    println!("{} {} {} {} {}", words.len(), nothing.len(), slice.len(), boxed.len(), ages.len() + ids.len());
    println!("{} {} {} {}", some.is_some(), none.is_some(), niche.is_some(), no_box.is_some());
    println!("{} {}", result.is_ok(), levels[0] as i32 + levels[1] as i32);
}
