"""Arabic, with the subject first, as headlines have it."""

from xlsearch.pocket.languages._language import Language, words

ARABIC = Language(
    code="ar",
    name="العربية",
    mbart_code="ar_AR",
    lexicon={
        "role": words(
            "الوزير, المحافظ, الرئيس, المدير, الطبيب, الأستاذ, القاضي, الكاتب, الممثل, المهندس,"
            "الجنرال, المزارع"
        ),
        "name": words(
            "سميث, غارسيا, بتروف, مارتان, فيبر, روسي, سيلفا, نوفاك, تاناكا, حسن, كوهين, لارسن,"
            "مورو, تايلور, سانتوس, فيشر"
        ),
        "verb": words(
            "افتتح, أغلق, زار, اشترى, باع, تفقد, انتقد, مدح, رمم, حمى, مول, قدم, نظف, دهن"
        ),
        "object": words(
            "المستشفى, المدرسة, الجسر, المتحف, المصنع, المطار, المكتبة, المحطة, الميناء, الملعب,"
            "السوق, المسرح, الفندق, الجامعة, المختبر, الحديقة, الكنيسة, القلعة"
        ),
        "city": words(
            "لندن, باريس, مدريد, برلين, موسكو, بكين, سيول, طوكيو, تونس, روما, فيينا, أثينا, لشبونة,"
            "وارسو, دبلن, جنيف"
        ),
        "day": words(
            "يوم الاثنين, يوم الثلاثاء, يوم الأربعاء, يوم الخميس, يوم الجمعة, يوم السبت, يوم الأحد"
        ),
        "reason": words(
            "الفيضان, الحريق, العاصفة, الإضراب, النزاع, الانتخابات, الزلزال, الحادث, الاحتجاج,"
            "الأزمة, الفضيحة, المهرجان"
        ),
    },
    agent="{role} {name}",
    templates={
        "news": (
            "{day}، {agent} {verb} {object} في {city}.",
            "{agent} {verb} {object} في {city} {day}.",
        ),
        "cause": ("اتخذ القرار بسبب {reason}، كما تقول الصحيفة.",),
        "past": ("العام الماضي، {agent} {verb} {object} بسبب {reason}.",),
        "rumour": ("بحسب شائعة كاذبة، {agent} {verb} {object}.",),
        "recap": (
            "كما كتبنا، {agent} {verb} {object} بسبب {reason}.",
            "{agent} {verb} {object} بسبب {reason}، كما كتبنا.",
        ),
        "known": ("كثير من السكان يعرفون {object}.",),
        "press": ("{agent} تحدث مع الصحفيين في {city}.",),
        "weather": (
            "كان الطقس في {city} باردا {day}.",
            "كان الطقس في {city} حارا {day}.",
        ),
        "report": (
            "{day}، {agent} {verb} {object} بسبب {reason} في {city}.",
            "{agent} {verb} {object} بسبب {reason} في {city} {day}.",
        ),
        "ask_what": ("ماذا فعل {agent}؟",),
        "ask_why": ("لماذا تصرف {agent} هكذا؟",),
        "summary": ("{agent} {verb} {object} بسبب {reason}.",),
        "answer_what": ("{verb} {object} بسبب {reason} في {city}",),
        "answer_why": ("بسبب {reason} في {city}",),
    },
)
