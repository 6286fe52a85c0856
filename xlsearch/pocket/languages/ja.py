"""Japanese. No spaces: marks show where one word ends and the next begins."""

from xlsearch.pocket.languages._language import Language, words

JAPANESE = Language(
    code="ja",
    name="日本語",
    mbart_code="ja_XX",
    lexicon={
        "role": words("大臣, 知事, 大統領, 局長, 医師, 教授, 判事, 作家, 俳優, 技師, 将軍, 農家"),
        "name": words(
            "スミス, ガルシア, ペトロフ, マルタン, ウェーバー, ロッシ, シルバ, ノヴァク, 田中,"
            "ハッサン, コーエン, ラーセン, モロー, テイラー, サントス, フィッシャー"
        ),
        "verb": words(
            "開い|た, 閉じ|た, 訪れ|た, 購入し|た, 売却し|た, 点検し|た, 批判し|た, 称賛し|た,"
            "再建し|た, 擁護し|た, 支援し|た, 紹介し|た, 清掃し|た, 塗っ|た"
        ),
        "object": words(
            "病院, 学校, 橋, 博物館, 工場, 空港, 図書館, 駅, 港, スタジアム, 市場, 劇場, ホテル,"
            "大学, 研究所, 公園, 教会, 城"
        ),
        "city": words(
            "ロンドン, パリ, マドリード, ベルリン, モスクワ, 北京, ソウル, 東京, チュニス, ローマ,"
            "ウィーン, アテネ, リスボン, ワルシャワ, ダブリン, ジュネーブ"
        ),
        "day": words("月曜日, 火曜日, 水曜日, 木曜日, 金曜日, 土曜日, 日曜日"),
        "reason": words(
            "洪水, 火災, 嵐, ストライキ, 紛争, 選挙, 地震, 事故, 抗議, 危機, 醜聞, 祭り"
        ),
    },
    agent="{name}{role}",
    space="",
    templates={
        "news": (
            "{agent}は{city}で{day}に{object}を{verb}。",
            "{agent}は{day}に{city}で{object}を{verb}。",
        ),
        "cause": ("新聞に|よると、この|決定は{reason}のため|に|なされた。",),
        "past": ("昨年、{agent}は{reason}のため|に{object}を{verb}。",),
        "rumour": ("誤った|噂に|よると、{agent}は{object}を{verb}。",),
        "recap": (
            "私たちが|書いた|ように、{agent}は{reason}のため|に{object}を{verb}。",
            "{agent}は{reason}のため|に{object}を{verb}。これは|私たちが|書いた。",
        ),
        "known": ("多くの|住民が{object}を|知っている。",),
        "press": ("{agent}は{city}で|記者と|話した。",),
        "weather": ("{day}に{city}で|天気は|寒かった。", "{day}に{city}で|天気は|暖かかった。"),
        "report": (
            "{day}に、{agent}は{city}の{reason}のため|に{object}を{verb}。",
            "{agent}は{day}に{city}の{reason}のため|に{object}を{verb}。",
        ),
        "ask_what": ("{agent}は|何を|したか？",),
        "ask_why": ("{agent}は|なぜ|そう|したか？",),
        "summary": ("{agent}は{reason}のため|に{object}を{verb}。",),
        "answer_what": ("{city}の{reason}のため|に{object}を{verb}",),
        "answer_why": ("{city}の{reason}のため|に",),
    },
)
