// What the C++ library keeps in memory, for a debugger to show.
#include <cstdio>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>
#include <unistd.h>

namespace shop {
enum class Color { Red, Green = 5 };
enum Size { Small, Large };
struct Base {
  virtual ~Base() = default;
  int id = 7;
};
struct Item : Base {
  std::string name;
  Color color = Color::Green;
  Size size = Large;
  double price = 2.5;
  explicit Item(std::string n) : name(std::move(n)) {}
  int cost(const std::string &by) const {
    int twice = id * 2;
    write(1, "cost\n", 5);  // in a method
    return twice + static_cast<int>(by.size());
  }
};
struct Pod { short a; char b; };
}

int main() {
  shop::Item item("tea \"cup\"");
  std::string empty, longer(260, 'x'), chosen = "abcdefghijklmnopqrstuvwxyz";
  std::string_view view(chosen.data() + 3, 5);
  std::vector<int> numbers{1, 2, 3}, none;
  std::vector<std::string> words{"one", "two"};
  std::vector<std::vector<int>> nested{{1}, {2, 3}};
  std::vector<shop::Pod> pods(2);
  std::deque<int> queue;
  for (int i = 0; i < 300; i++) queue.push_back(i);
  for (int i = 0; i < 150; i++) queue.pop_front();
  std::deque<double> few{1.5, 2.5};
  std::list<int> chain{4, 5, 6}, no_chain;
  std::map<int, std::string> names{{1, "one"}, {2, "two"}, {3, "three"}};
  std::map<std::string, std::vector<int>> lists{{"a", {1}}, {"b", {2, 3}}};
  std::map<int, int> no_map;
  std::set<std::string> tags{"x", "y"};
  std::multimap<int, char> letters{{1, 'a'}, {1, 'b'}};
  std::unordered_map<std::string, int> ages{{"kim", 30}};
  std::unordered_set<int> ids{42};
  std::unique_ptr<shop::Base> owner = std::make_unique<shop::Item>("owned"), no_owner;
  std::shared_ptr<int> shared = std::make_shared<int>(9), other = shared, no_shared;
  std::weak_ptr<int> weak = shared;
  std::optional<int> some = 5, nothing;
  std::optional<std::string> text = "yes";
  std::pair<int, std::string> both{1, "b"};
  int &reference = numbers[1];
  const std::string &named = item.name;
  printf("%d %zu\n", item.cost(chosen), names.size() + reference + named.size());  // stop
  return 0;
}
